/** A task priority level, 4 to 31 (UEFI §7.1). */
export type EfiTpl = number;

export const TPL_APPLICATION = 4;
export const TPL_CALLBACK = 8;
export const TPL_NOTIFY = 16;
export const TPL_HIGH_LEVEL = 31;
