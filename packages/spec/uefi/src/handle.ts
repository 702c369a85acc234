declare const handle: unique symbol;

/** An EFI_HANDLE: opaque, compared by identity, with a number that is stable for the boot. */
export interface EfiHandle {
  readonly [handle]?: never;
  /** Counted from 1 in order of creation, never reused. */
  readonly number: number;
}
