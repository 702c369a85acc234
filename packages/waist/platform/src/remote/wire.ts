/**
 * What goes over the wire. A request is a code and its arguments; addresses, lengths and times are
 * float64, values have their width. A reply is a kind, the time and the count of accesses, and then:
 *
 * - `REPLY_VALUE`: whether the alarm interrupt must be taken now (uint8), and the answer;
 * - `REPLY_ENDED`: the signal that ended the world, as JSON;
 * - `REPLY_FAULT`: the message of a PlatformFault.
 */
export const REQUEST = {
  ramRead8: 0x10,
  ramRead16: 0x11,
  ramRead32: 0x12,
  ramWrite8: 0x13,
  ramWrite16: 0x14,
  ramWrite32: 0x15,
  ramReadBytes: 0x16,
  ramWriteBytes: 0x17,
  ramFill: 0x18,
  ramCopy: 0x19,
  /** The first argument of these is the space: `SPACE_MMIO` or `SPACE_PORTS`. */
  read8: 0x20,
  read16: 0x21,
  read32: 0x22,
  read64: 0x23,
  write8: 0x24,
  write16: 0x25,
  write32: 0x26,
  write64: 0x27,
  clockNow: 0x30,
  setAlarm: 0x31,
  /** Answers how much is left, where the alarm cut it short. */
  delay: 0x32,
  spend: 0x33,
  /** Whether there is a handler. */
  setInterruptHandler: 0x40,
  setInterruptState: 0x41,
  sleep: 0x42,
  fence: 0x43,
  /** The handler has returned: interrupts become what they were. */
  interruptReturn: 0x44,
  hobs: 0x50,
  reset: 0x51,
  end: 0x52,
} as const;

export const SPACE_MMIO = 0;
export const SPACE_PORTS = 1;

export const REPLY_VALUE = 0;
export const REPLY_ENDED = 1;
export const REPLY_FAULT = 2;
