/** What a service costs in virtual time, in nanoseconds, beside the accesses that it makes. */
export const SERVICE_COST = 100;

/** The highest level at which a service may be called (UEFI §7.1, table of TPL restrictions). */
export const TPL_LIMIT_APPLICATION = 4;
/** Of what must be called below TPL_CALLBACK. */
export const TPL_LIMIT_BELOW_CALLBACK = 7;
export const TPL_LIMIT_CALLBACK = 8;
export const TPL_LIMIT_NOTIFY = 16;
/** Of what must be called below TPL_HIGH_LEVEL. */
export const TPL_LIMIT_BELOW_HIGH_LEVEL = 30;
