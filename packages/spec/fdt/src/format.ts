/** The first word of a flattened device tree (Devicetree Specification §5.2). */
export const FDT_MAGIC = 0xd00dfeed;
/** The version that is written, and the oldest that its readers must know. */
export const FDT_VERSION = 17;
export const FDT_LAST_COMPATIBLE_VERSION = 16;

/** Offsets of the header's words, all big-endian. */
export const FDT_HEADER = {
  magic: 0,
  totalSize: 4,
  offDtStruct: 8,
  offDtStrings: 12,
  offMemRsvmap: 16,
  version: 20,
  lastCompVersion: 24,
  bootCpuidPhys: 28,
  sizeDtStrings: 32,
  /** Since version 17. */
  sizeDtStruct: 36,
} as const;

/** In bytes: of the header, and of an entry of the memory reservation block. */
export const FDT_HEADER_SIZE = 40;
export const FDT_RESERVATION_SIZE = 16;

/** Tokens of the structure block (§5.4.1). */
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

/** How deep nodes may be nested: no real tree comes near, and a walk of this one needs little stack. */
export const FDT_MAX_DEPTH = 64;
