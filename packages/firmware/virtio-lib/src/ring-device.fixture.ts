import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { HostBuffer } from '@dxelab/uefi';
import { isGuestBuffer } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapping, VRing } from '@dxelab/virtio';
import { VIRTIO_F_VERSION_1, VIRTIO_SPEC_REVISION_1_0_0 } from '@dxelab/virtio';
import type { RingLibraries, RingServices } from './virtio-ring.ts';

const RAM_SIZE = 0x40000;
const FIRST_PAGE = 0x1000;

/** What the device does to its queue when it is notified: the test's part. */
export type Behaviour = (device: RingDevice) => void;

/**
 * The device side of a transport with one queue, over the RAM that the driver's ring lies in, with a
 * log of all that the driver does to it. How it answers a notification is up to the test.
 */
export class RingDevice implements VirtioDevice {
  revision: number = VIRTIO_SPEC_REVISION_1_0_0;
  readonly subSystemDeviceId: number = 2;
  readonly ram: GuestRam;
  readonly log: string[] = [];
  readonly stalls: number[] = [];
  readonly services: RingServices = { stall: (microseconds) => this.#stalled(microseconds) };
  readonly libraries: RingLibraries;
  readonly offered: bigint;
  ring: VRing | undefined;
  queueNumMax = 4;
  refuseFeatures = false;
  /** Bits of the status that the device shows on its own. */
  ownStatus = 0;
  status = 0;
  onNotify: Behaviour = () => {};
  onStall: Behaviour = () => {};
  #nextPage = FIRST_PAGE;

  constructor(profile: Profile = 'specification', offered: bigint = VIRTIO_F_VERSION_1) {
    const storage = new LocalRam([{ base: 0, bytes: new Uint8Array(RAM_SIZE) }]);
    this.ram = new GuestRam(new Cycles(() => {}), storage, storage.ranges[0]);
    this.offered = offered;
    this.libraries = {
      ram: this.ram,
      quirks: new Quirks(profile),
      memoryFence: () => this.log.push('fence'),
    };
  }

  /** Uses a chain: element and index, as the device would write them. */
  use(id: number, length: number, indexStep = 1): void {
    const ring = this.published();
    const index = this.ram.readUint16(ring.used + 2);
    const element = ring.used + 4 + (index % ring.queueSize) * 8;
    this.ram.writeUint32(element, id);
    this.ram.writeUint32(element + 4, length);
    this.ram.writeUint16(ring.used + 2, (index + indexStep) & 0xffff);
  }

  published(): VRing {
    if (this.ring === undefined) throw new TypeError('no queue was published');
    return this.ring;
  }

  getDeviceFeatures(): bigint {
    return this.offered;
  }

  setGuestFeatures(features: bigint): void {
    this.log.push(`features 0x${features.toString(16)}`);
  }

  setQueueAddress(ring: VRing, ringBaseShift: number): void {
    this.log.push(`address +${ringBaseShift}`);
    this.ring = ring;
  }

  setQueueSel(index: number): void {
    this.log.push(`select ${index}`);
  }

  setQueueNotify(index: number): void {
    this.log.push(`notify ${index}`);
    this.onNotify(this);
  }

  setQueueAlign(): void {}

  setPageSize(): void {}

  getQueueNumMax(): number {
    return this.queueNumMax;
  }

  setQueueNum(queueSize: number): void {
    this.log.push(`size ${queueSize}`);
  }

  getDeviceStatus(): number {
    return this.status | this.ownStatus;
  }

  setDeviceStatus(status: number): void {
    this.log.push(`status 0x${status.toString(16).padStart(2, '0')}`);
    this.status = this.refuseFeatures ? status & ~0x08 : status;
  }

  writeDevice(): void {}

  readDevice(): number {
    return 0;
  }

  readDevice64(): bigint {
    return 0n;
  }

  allocateSharedPages(pages: number): number {
    const page = this.#nextPage;
    this.#nextPage += pages * 0x1000;
    this.log.push(`allocate ${pages}`);
    return page;
  }

  freeSharedPages(pages: number): void {
    this.log.push(`free ${pages}`);
  }

  /** The most that one mapping holds, in bytes. */
  largestMapping: number = Infinity;

  mapSharedBuffer(_operation: string, host: HostBuffer, numberOfBytes: number): VirtioMapping {
    const deviceAddress: number = isGuestBuffer(host) ? host.address : 0;
    return { deviceAddress, numberOfBytes: Math.min(numberOfBytes, this.largestMapping) };
  }

  unmapSharedBuffer(): void {
    this.log.push('unmap');
  }

  #stalled(microseconds: number): void {
    this.stalls.push(microseconds);
    this.onStall(this);
  }
}
