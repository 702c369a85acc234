import type { EfiBootServices, EfiRng, GuestBuffer, Guid, HostBuffer } from '@dxelab/uefi';
import { EFI_RNG_ALGORITHM_RAW, EfiError, isGuestBuffer, TPL_NOTIFY } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { deviceError, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VIRTIO_F_RING_PACKED, VIRTIO_RNG_REQUESTQ, VRING_DESC_F_WRITE } from '@dxelab/virtio';
import type { VirtioProduct, VirtioRings, VirtioSyncSetup } from '@dxelab/virtio-lib';
import {
  virtioMapAllBytesInSharedBuffer,
  virtioSyncInit,
  virtioSyncUninit,
} from '@dxelab/virtio-lib';

/** What the 32-bit length of a descriptor can say. */
const LONGEST_REQUEST = 0xffff_ffff;

/** EFI_RNG_PROTOCOL on a virtio entropy device. OvmfPkg/VirtioRngDxe; virtio §5.4, UEFI §37.5. */
export class VirtioRng implements EfiRng, VirtioProduct {
  readonly #virtIo: VirtioDevice;
  readonly #bs: EfiBootServices;
  readonly #libraries: ModuleLibraries;
  readonly #setup: VirtioSyncSetup;
  #ready = true;

  /** Brings the device up. @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    rings?: VirtioRings,
  ) {
    this.#virtIo = virtIo;
    this.#bs = bs;
    this.#libraries = libraries;
    this.#setup = virtioSyncInit(virtIo, bs, libraries, {
      choose: () => 0n, // the device type has no features
      queue: VIRTIO_RNG_REQUESTQ,
      minimumQueueSize: 1,
      rings,
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
      const { ram } = this.#libraries;
      const entropy = this.#allocate(value.length);
      try {
        this.#receive(entropy);
        if (isGuestBuffer(value)) ram.copy(value.address, entropy.address, value.length);
        else ram.readBytes(entropy.address, value);
      } finally {
        this.#bs.freePool(entropy);
      }
    } catch (caught) {
      throw deviceError(`${value.length} bytes of entropy could not be had`, caught);
    }
  }

  exitBoot(): void {
    this.#ready = false;
    this.#virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    this.#ready = false;
    virtioSyncUninit(this.#virtIo, this.#setup);
  }

  /** Memory for a device that runs. */
  #allocate(length: number): GuestBuffer {
    const entropy = this.#bs.allocatePool('EfiBootServicesData', length);
    if (this.#ready) return entropy;
    const leaks = this.#libraries.quirks.has('VirtioRngDxe.LeaksWhenStopped');
    if (!leaks) this.#bs.freePool(entropy);
    throw new EfiError('EFI_DEVICE_ERROR', 'the device was stopped');
  }

  /** Has the device fill memory, in which its bytes are sure to be once that is unmapped again. */
  #receive(entropy: GuestBuffer): void {
    const mapping = virtioMapAllBytesInSharedBuffer(
      this.#virtIo,
      'VirtioOperationBusMasterWrite',
      entropy,
      entropy.length,
    );
    unwinding((unwind) => {
      unwind.push(() => this.#virtIo.unmapSharedBuffer(mapping));
      this.#fill(mapping.deviceAddress, entropy.length);
    });
    this.#virtIo.unmapSharedBuffer(mapping);
  }

  #fill(deviceAddress: number, length: number): void {
    const { queue } = this.#setup;
    // a notification function must not begin a second request while this one is in the ring
    const oldTpl = this.#bs.raiseTpl(TPL_NOTIFY);
    try {
      for (let filled = 0; filled < length;) {
        const size = Math.min(length - filled, LONGEST_REQUEST);
        queue.prepare(1);
        queue.append(deviceAddress + filled, size, VRING_DESC_F_WRITE);
        filled += this.#accept(queue.flush(0, 0));
      }
    } catch (caught) {
      // the chain may still be the device's: only a reset takes the buffer away from it
      if (queue.broken !== undefined) this.exitBoot();
      throw caught;
    } finally {
      this.#bs.restoreTpl(oldTpl);
    }
  }

  /** A device may answer short, but not without a byte (virtio §5.4.6.2): there would be no end. */
  #accept(usedLength: number): number {
    const repeats = this.#libraries.quirks.has('VirtioRngDxe.EmptyAnswersRepeated');
    if (usedLength > 0 || repeats) return usedLength;
    const isPacked = (this.#setup.features & VIRTIO_F_RING_PACKED) !== 0n;
    // QEMU never sets WRITE, whatever it wrote
    const why = isPacked ? ', or its used descriptor lacks WRITE (see lengthWithoutWrite)' : '';
    throw new EfiError('EFI_DEVICE_ERROR', `the device answered without a byte${why}`);
  }
}
