import type { EfiBootServices, EfiRng, GuestBuffer, Guid, HostBuffer } from '@dxelab/uefi';
import { EFI_RNG_ALGORITHM_RAW, EfiError, isGuestBuffer, TPL_NOTIFY } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { deviceError, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VIRTIO_RNG_REQUESTQ, VRING_DESC_F_WRITE } from '@dxelab/virtio';
import type { VirtioProduct, VirtioSetup } from '@dxelab/virtio-lib';
import {
  virtioAppendDesc,
  virtioFlush,
  virtioInit,
  virtioMapAllBytesInSharedBuffer,
  virtioPrepare,
  virtioUninit,
} from '@dxelab/virtio-lib';

/** What the 32-bit length of a descriptor can say. */
const LONGEST_REQUEST = 0xffff_ffff;

/** EFI_RNG_PROTOCOL on a virtio entropy device. OvmfPkg/VirtioRngDxe; virtio §5.4, UEFI §37.5. */
export class VirtioRng implements EfiRng, VirtioProduct {
  readonly #virtIo: VirtioDevice;
  readonly #bs: EfiBootServices;
  readonly #libraries: ModuleLibraries;
  readonly #setup: VirtioSetup;
  #ready = true;

  /** Brings the device up. @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(virtIo: VirtioDevice, bs: EfiBootServices, libraries: ModuleLibraries) {
    this.#virtIo = virtIo;
    this.#bs = bs;
    this.#libraries = libraries;
    this.#setup = virtioInit(virtIo, bs, libraries, {
      choose: () => 0n,
      queue: VIRTIO_RNG_REQUESTQ,
      minimumQueueSize: 1,
    });
  }

  getInfo(): readonly Guid[] {
    return [EFI_RNG_ALGORITHM_RAW];
  }

  /** Nothing reaches `value` before all of its bytes are there. */
  getRng(algorithm: Guid | undefined, value: HostBuffer): void {
    if (value.length === 0) {
      throw new EfiError('EFI_INVALID_PARAMETER', 'no byte of entropy is asked for');
    }
    if (algorithm !== undefined && algorithm !== EFI_RNG_ALGORITHM_RAW) {
      throw new EfiError('EFI_UNSUPPORTED', `RNG algorithm ${algorithm}: only Raw is offered`);
    }
    try {
      this.#requireReady(value.length);
      const entropy = this.#bs.allocatePool('EfiBootServicesData', value.length);
      try {
        this.#receive(entropy);
        this.#copy(entropy, value);
      } finally {
        this.#bs.freePool(entropy);
      }
    } catch (caught) {
      throw deviceError(`${value.length} bytes of entropy could not be had`, caught);
    }
  }

  /** Stops the device, and leaves the memory alone. */
  exitBoot(): void {
    this.#ready = false;
    this.#virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    this.#ready = false;
    virtioUninit(this.#virtIo, this.#setup);
  }

  #requireReady(length: number): void {
    if (this.#ready) return;
    const leaks = this.#libraries.quirks.has('VirtioRngDxe.LeaksWhenStopped');
    if (leaks) this.#bs.allocatePool('EfiBootServicesData', length);
    throw new EfiError('EFI_DEVICE_ERROR', 'the device was stopped');
  }

  /** Has the device fill memory; its bytes are sure to be there only once that is unmapped again. */
  #receive(entropy: GuestBuffer): void {
    const mapping = virtioMapAllBytesInSharedBuffer(
      this.#virtIo,
      'VirtioOperationBusMasterWrite',
      entropy,
      entropy.length,
    );
    unwinding((unwind) => {
      unwind.push(() => this.#virtIo.unmapSharedBuffer(mapping));
      // a notification function must not begin a second request while this one is in the ring
      const oldTpl = this.#bs.raiseTpl(TPL_NOTIFY);
      try {
        for (let filled = 0; filled < entropy.length;) {
          filled += this.#request(mapping.deviceAddress + filled, entropy.length - filled);
        }
      } finally {
        this.#bs.restoreTpl(oldTpl);
      }
    });
    this.#virtIo.unmapSharedBuffer(mapping);
  }

  /** @returns how many bytes there are: a device may answer short (virtio §5.4.6) */
  #request(deviceAddress: number, length: number): number {
    const { ring } = this.#setup;
    const indices = virtioPrepare(ring);
    const size = Math.min(length, LONGEST_REQUEST);
    virtioAppendDesc(ring, deviceAddress, size, VRING_DESC_F_WRITE, indices);
    try {
      const usedLength = virtioFlush(this.#virtIo, VIRTIO_RNG_REQUESTQ, ring, indices);
      if (usedLength === 0) this.#refuseEmptyAnswer();
      return usedLength;
    } catch (caught) {
      // the chain may still be the device's: only a reset takes the buffer away from it
      if (ring.broken !== undefined) this.exitBoot();
      throw caught;
    }
  }

  /** virtio §5.4.6.2: a device answers with one byte at least, so that there will be an end. */
  #refuseEmptyAnswer(): void {
    if (this.#libraries.quirks.has('VirtioRngDxe.EmptyAnswersRepeated')) return;
    throw new EfiError('EFI_DEVICE_ERROR', 'the device answered without a byte');
  }

  #copy(entropy: GuestBuffer, value: HostBuffer): void {
    const { ram } = this.#libraries;
    if (isGuestBuffer(value)) ram.copy(value.address, entropy.address, value.length);
    else ram.readBytes(entropy.address, value);
  }
}
