import type { EfiBlockIo, EfiHandle } from '@dxelab/uefi';
import { BlockIoProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { PciFunction } from '@dxelab/pci-devices';
import type { VirtioBlkOptions, VirtioMmio, VirtioTransportOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import type { VirtioWorldOptions } from '../virtio10-dxe/virtio-world.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';

const SECTORS = 2048;
const DRIVERS: readonly DxeModule[] = [virtio10Dxe, virtioBlkDxe];

function differentSectors(): Uint8Array {
  const bytes = new Uint8Array(SECTORS * 512);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = at * 7 + (at >> 9);
  return bytes;
}

export interface BlkWorldOptions extends Partial<VirtioWorldOptions> {
  readonly blk?: Partial<VirtioBlkOptions>;
  /** What is on the disk; without it 2048 sectors that all differ. */
  readonly disk?: Uint8Array;
  readonly transport?: VirtioTransportOptions;
  /** Plugs the disk into another transport than the modern one. */
  readonly plug?: (disk: VirtioBlk, options?: VirtioTransportOptions) => PciFunction | VirtioMmio;
  /** Features of the device type that are not offered. */
  readonly withhold?: bigint;
}

/** A machine with one virtio disk, and the firmware that drives it, up to BlockIo and no further. */
export class BlkWorld extends VirtioWorld {
  readonly disk: Uint8Array;
  readonly device: VirtioBlk;

  constructor({
    blk,
    disk = differentSectors(),
    transport,
    plug = (device, plugged) => new VirtioPciModern(device, plugged),
    withhold,
    modules = DRIVERS,
    ...options
  }: BlkWorldOptions = {}) {
    const device = new VirtioBlk({ backend: new MemoryBackend(disk), ...blk });
    if (withhold !== undefined) {
      Object.defineProperty(device, 'features', { value: device.features & ~withhold });
    }
    super(plug(device, transport), { ...options, modules });
    this.disk = disk;
    this.device = device;
  }

  /** Connects everything, and returns the handle of the disk. */
  connect(): EfiHandle {
    this.connectAll();
    return this.only(BlockIoProtocol);
  }

  /** Connects, and opens the disk. */
  open(): EfiBlockIo {
    this.connect();
    return this.openOnly(BlockIoProtocol);
  }

  /** Whether the disk holds exactly these bytes, from `position` on. */
  holds(bytes: Uint8Array, position: number): boolean {
    const there = this.disk.subarray(position, position + bytes.length);
    return Buffer.compare(there, bytes) === 0;
  }
}
