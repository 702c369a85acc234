import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { FatNode } from './fat-node.ts';
import type { FatVolume } from './fat-volume.ts';

/** What a handle has to be for a call to go on. Which call asks for what, and in which order, stands there. */
export class FileGuard {
  readonly #volume: FatVolume;
  readonly #node: FatNode;
  readonly #isReadOnly: boolean;
  #isClosed = false;

  constructor(volume: FatVolume, node: FatNode, isReadOnly: boolean) {
    this.#volume = volume;
    this.#node = node;
    this.#isReadOnly = isReadOnly;
  }

  get isReadOnly(): boolean {
    return this.#isReadOnly;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** In C the handle's memory would be free by now. @throws EFI_INVALID_PARAMETER */
  demandOpen(): void {
    if (!this.#isClosed) return;
    throw new EfiError('EFI_INVALID_PARAMETER', `the handle on ${this.#node.path} was closed`);
  }

  /** @throws EFI_DEVICE_ERROR */
  demandPresent(): void {
    if (!this.#node.isDeleted) return;
    throw new EfiError('EFI_DEVICE_ERROR', `${this.#node.path} was deleted`);
  }

  /** @throws EFI_MEDIA_CHANGED, EFI_NO_MEDIA, and with a quirk what the file has failed with before */
  demandHealthy(whenDeleted: 'EFI_NOT_FOUND' | 'EFI_DEVICE_ERROR' = 'EFI_DEVICE_ERROR'): void {
    const node = this.#node;
    this.#volume.disk.check();
    if (node.isDeleted) throw new EfiError(whenDeleted, `${node.path} was deleted`);
    if (node.failure === undefined) return;
    throw new EfiError(node.failure, `${node.path} has failed before`);
  }

  /** @throws EFI_WRITE_PROTECTED */
  demandWritableVolume(): void {
    if (!this.#volume.disk.readOnly) return;
    throw new EfiError('EFI_WRITE_PROTECTED', 'the medium is read-only');
  }

  /** @throws EFI_WRITE_PROTECTED, EFI_ACCESS_DENIED */
  demandWritable(): void {
    this.demandWritableVolume();
    if (!this.#isReadOnly) return;
    throw new EfiError('EFI_ACCESS_DENIED', `${this.#node.path} was opened for reading only`);
  }

  /** With EDK II's quirk a file that has failed once fails for as long as it is open. Returns what it was given. */
  remember(caught: unknown): unknown {
    const { policy } = this.#volume;
    if (policy.errorsStick && isEfiFailure(caught) && caught.status !== 'EFI_VOLUME_FULL') {
      this.#node.failure ??= caught.status;
    }
    return caught;
  }
}
