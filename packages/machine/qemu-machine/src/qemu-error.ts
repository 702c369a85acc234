/**
 * What went wrong with QEMU:
 * - `missing`: it is not installed;
 * - `unsuitable`: it is too old, or its output cannot be understood;
 * - `refused`: it did not take what it was asked for;
 * - `exited`: it is gone;
 * - `silent`: it did not answer in time, and was ended.
 */
export type QemuErrorKind = 'missing' | 'unsuitable' | 'refused' | 'exited' | 'silent';

/** QEMU could not do its part; the message is meant for whoever asked for it. */
export class QemuError extends Error {
  override readonly name = 'QemuError';
  readonly kind: QemuErrorKind;

  constructor(kind: QemuErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
