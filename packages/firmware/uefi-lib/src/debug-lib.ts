/** Error levels of DEBUG (MdePkg/Include/Library/DebugLib.h). */
export const DEBUG_INIT = 0x00000001;
export const DEBUG_WARN = 0x00000002;
export const DEBUG_LOAD = 0x00000004;
export const DEBUG_FS = 0x00000008;
export const DEBUG_POOL = 0x00000010;
export const DEBUG_PAGE = 0x00000020;
export const DEBUG_INFO = 0x00000040;
export const DEBUG_DISPATCH = 0x00000080;
export const DEBUG_VARIABLE = 0x00000100;
export const DEBUG_BM = 0x00000400;
export const DEBUG_BLKIO = 0x00001000;
export const DEBUG_EVENT = 0x00080000;
export const DEBUG_VERBOSE = 0x00400000;
export const DEBUG_ERROR = 0x80000000;

/** EDK II's DebugLib, linked to one module: what it says carries the module's name. */
export interface DebugLib {
  /** DEBUG: a message at an error level. */
  debug(level: number, message: string): void;
  /**
   * ASSERT: what must be true. A failed one ends the boot, with the file and line of the caller.
   * @param description the condition, in words
   */
  assert(condition: boolean, description: string): asserts condition;
}
