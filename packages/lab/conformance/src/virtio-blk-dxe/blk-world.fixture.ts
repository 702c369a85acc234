import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { EmulatedMachine, MachineFinding, RegionAccess } from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { pciBusDxe } from '@dxelab/pci-bus-dxe';
import { PciHostBridge } from '@dxelab/pci-devices';
import { pciHostBridgeDxe } from '@dxelab/pci-host-bridge-dxe';
import type { Tracer } from '@dxelab/platform';
import type { EfiBlockIo, EfiBootServices, EfiHandle } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  BlockIoProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  guid,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioBlkOptions, VirtioPciModernOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';

const MEMORY = 64 * 1024 * 1024;
const SECTORS = 2048;

/** Drivers without a dependency expression wait for BDS; these tests are its own. */
const noBds: DxeModule = {
  name: 'NoBds',
  fileGuid: guid('5e2f0a3c-7c54-4f19-9c12-3a3f7b5a0c11'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint: (imageHandle, { bootServices }) => {
    bootServices.installProtocolInterface(imageHandle, BdsArchProtocol, { entry() {} });
  },
};

export interface BlkWorldOptions {
  readonly blk?: Partial<VirtioBlkOptions>;
  readonly transport?: VirtioPciModernOptions;
  /** Features of the device type that are not offered. */
  readonly withhold?: bigint;
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
}

/** A machine with one virtio disk, and the firmware that drives it, up to BlockIo and no further. */
export class BlkWorld {
  readonly disk: Uint8Array;
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly findings: MachineFinding[] = [];
  /** What the driver did to the device's structures: `W8 common+14 = 0f`. */
  readonly accesses: string[] = [];
  /** The names of all trace events, in order. */
  readonly events: string[] = [];

  constructor({
    blk,
    transport,
    withhold,
    profile = 'specification',
    quirks,
  }: BlkWorldOptions = {}) {
    this.disk = Uint8Array.from({ length: SECTORS * 512 }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
    const device = new VirtioBlk({ backend: new MemoryBackend(this.disk), ...blk });
    if (withhold !== undefined) {
      Object.defineProperty(device, 'features', { value: device.features & ~withhold });
    }
    const bridge = new PciHostBridge();
    bridge.plug('02.0', new VirtioPciModern(device, transport));
    const trace: Tracer = (name, fields) => {
      this.events.push(name);
      const write = name === 'memory_region_ops_write';
      if (!write && name !== 'memory_region_ops_read') return;
      if (isRegionAccess(fields)) this.#record(write, fields);
    };
    this.machine = createEmulatedMachine({
      memory: MEMORY,
      devices: [bridge],
      budget: { virtualTime: 10e9 },
      onFinding: (finding) => this.findings.push(finding),
      trace,
    });
    this.core = createDxeCore(this.machine.platform, {
      modules: [noBds, pciHostBridgeDxe, pciBusDxe, virtio10Dxe, virtioBlkDxe],
      quirks: new Quirks(profile, quirks),
      trace,
    });
    this.core.dispatch();
    this.bs = this.core.systemTable.bootServices;
  }

  /** Connects everything, and returns the handle of the disk. */
  connect(): EfiHandle {
    const [root] = this.#handlesWith(PciRootBridgeIoProtocol);
    if (root === undefined) throw new TypeError('the machine has no root bridge');
    this.bs.connectController(root, undefined, undefined, true);
    const [disk] = this.#handlesWith(BlockIoProtocol);
    if (disk === undefined) throw new TypeError(`no disk: ${this.failures().join('; ')}`);
    return disk;
  }

  /** Why drivers did not start. */
  failures(): readonly string[] {
    return this.core.startFailures().map(({ error }) => error.message);
  }

  /** Connects, and opens the disk. */
  open(): EfiBlockIo {
    const { labImage } = this.core;
    const disk = this.connect();
    return this.bs.openProtocol(
      disk,
      BlockIoProtocol,
      labImage,
      undefined,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
  }

  /** Whether the disk holds exactly these bytes, from `position` on. */
  holds(bytes: Uint8Array, position: number): boolean {
    const there = this.disk.subarray(position, position + bytes.length);
    return Buffer.compare(there, bytes) === 0;
  }

  /** What the driver does to the device while `body` runs. */
  during(body: () => void): readonly string[] {
    this.accesses.length = 0;
    body();
    return [...this.accesses];
  }

  #handlesWith(protocol: Parameters<EfiBootServices['closeProtocol']>[1]): readonly EfiHandle[] {
    const handles = this.core
      .handles()
      .filter(({ protocols }) =>
        protocols.some(({ guid: installed }) => installed === protocol.guid),
      );
    return handles.map(({ handle }) => handle);
  }

  #record(write: boolean, access: RegionAccess): void {
    if (access.region !== 'virtio-blk BAR4') return;
    const structure = STRUCTURES[(access.address >> 12) & 3];
    const at = (access.address & 0xfff).toString(16).padStart(2, '0');
    const value = access.value.toString(16).padStart(2, '0');
    this.accesses.push(`${write ? 'W' : 'R'}${access.size * 8} ${structure}+${at} = ${value}`);
  }
}

/** Of the two events that the fixture listens to. */
function isRegionAccess(fields: object): fields is RegionAccess {
  return 'region' in fields && 'address' in fields && 'size' in fields && 'value' in fields;
}

/** The structures of the device's BAR 4, 4 KiB each. */
const STRUCTURES = ['common', 'isr', 'device', 'notify'];
