import { createLab } from '@dxelab/testing';
import type { EfiBootServices, GuestBuffer, Protocol } from '@dxelab/uefi';
import { defineProtocol, EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { DxeModule, ModuleLibraries } from '@dxelab/uefi-lib';
import { VIRTIO_BLK_REQ_SIZE, VIRTIO_SUBSYSTEM_BLOCK_DEVICE } from '@dxelab/virtio';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import type { RingOptions } from '@dxelab/virtio-devices';
import { MemoryBackend } from '@dxelab/virtio-devices';
import type { VirtioProduct, VirtioQueue } from '@dxelab/virtio-lib';
import {
  virtioBringUp,
  virtioInstallDriver,
  virtioQueueInit,
  virtioRingFeatures,
} from '@dxelab/virtio-lib';
import { noise } from './disk-world.ts';

const SECTOR = 512;
const SECTORS = 8192;
const IN_FLIGHT = 32;
const ROUNDS = 16;
const PCI_PATH = 'PciRoot(0x0)/Pci(0x2,0x0)';

/** Where a request's header and status stand: 32 bytes for each. */
const SLOT = 32;
const STATUS = VIRTIO_BLK_REQ_SIZE;

/** What a driver does that keeps 32 reads in flight, and what BlockIo has no words for. */
class InFlightReads implements VirtioProduct {
  readonly #queue: VirtioQueue;
  readonly #libraries: ModuleLibraries;
  readonly #requests: number;
  readonly #data: GuestBuffer;
  #lba = 0;

  constructor(queue: VirtioQueue, bs: EfiBootServices, libraries: ModuleLibraries) {
    const pages = 1 + (IN_FLIGHT * SECTOR) / EFI_PAGE_SIZE;
    const address = bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages);
    libraries.ram.fill(address, EFI_PAGE_SIZE, 0);
    this.#queue = queue;
    this.#libraries = libraries;
    this.#requests = address;
    this.#data = { address: address + EFI_PAGE_SIZE, length: IN_FLIGHT * SECTOR };
  }

  /** Submits 32 reads, tells the device once, and collects them. @returns how many reads were done */
  batch(): number {
    for (let round = 0; round < ROUNDS; round++) {
      for (let slot = 0; slot < IN_FLIGHT; slot++) this.#submit(slot);
      this.#queue.kick();
      for (let back = 0; back < IN_FLIGHT; back++) this.#collect();
    }
    return ROUNDS * IN_FLIGHT;
  }

  exitBoot(): void {
    // a benchmark ends before
  }

  uninit(): void {
    // nor is its driver stopped
  }

  #submit(slot: number): void {
    const queue = this.#queue;
    const { ram } = this.#libraries;
    const request = this.#requests + slot * SLOT;
    ram.writeUint64(request + 8, this.#lba);
    ram.writeUint8(request + STATUS, 0xff);
    this.#lba = (this.#lba + 1) % SECTORS;
    queue.begin(3);
    queue.append(request, VIRTIO_BLK_REQ_SIZE, false);
    queue.append(this.#data.address + slot * SECTOR, SECTOR, true);
    queue.append(request + STATUS, 1, true);
    queue.submit(slot);
  }

  #collect(): void {
    if (!this.#queue.collect()) throw new Error('a read did not come back');
    const request = this.#requests + this.#queue.used.token * SLOT;
    const status = this.#libraries.ram.readUint8(request + STATUS);
    if (status !== 0) throw new Error(`a read ended with status ${status}`);
  }
}

const InFlightProtocol: Protocol<InFlightReads> = defineProtocol(
  'InFlightReads',
  '0d6f8c1e-53c2-4b0f-8f36-9a1c5b7e2d40',
);

/** A driver in the place of VirtioBlkDxe, on a ring with these features. */
function inFlightDxe(wants: bigint): DxeModule {
  return {
    ...virtioBlkDxe,
    entryPoint(imageHandle, { bootServices }, libraries) {
      virtioInstallDriver(imageHandle, bootServices, {
        driverName: '32 reads in flight',
        subSystemDeviceId: VIRTIO_SUBSYSTEM_BLOCK_DEVICE,
        protocol: InFlightProtocol,
        usesQueueAccess: true,
        init(virtIo, access) {
          const choose = (offered: bigint): bigint => virtioRingFeatures(access, offered, wants);
          const { features, queues } = virtioBringUp(virtIo, libraries, { choose }, (negotiated) =>
            virtioQueueInit(virtIo, access, libraries, {
              queue: 0,
              features: negotiated,
              minimumQueueSize: 3 * IN_FLIGHT,
            }),
          );
          if ((features & wants) !== wants) throw new Error('the device offers no such ring');
          return new InFlightReads(queues.queue, bootServices, libraries);
        },
      });
    },
  };
}

/** A machine of its own, and what reads a batch of its sectors, 32 at a time, into guest memory. */
export function inFlightLoop(wants: bigint, ring: RingOptions): () => number {
  const image = new MemoryBackend(noise(SECTORS * SECTOR));
  const lab = createLab({
    devices: [{ 'virtio-blk': { image, writable: true, ring } }],
    drivers: [inFlightDxe(wants)],
    budget: { virtualTime: '100000 min', accesses: Number.MAX_SAFE_INTEGER },
  });
  const reads = lab.connect(PCI_PATH).open(InFlightProtocol);
  return () => reads.batch();
}
