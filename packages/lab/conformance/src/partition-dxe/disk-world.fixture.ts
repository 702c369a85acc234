import { diskIoDxe } from '@dxelab/disk-io-dxe';
import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { Device } from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { partitionDxe } from '@dxelab/partition-dxe';
import type { Platform } from '@dxelab/platform';
import type {
  DevicePath,
  EfiBlockIoMedia,
  EfiBootServices,
  EfiHandle,
  EfiStatus,
  Protocol,
} from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  convertDevicePathToText,
  devicePath,
  efiStatusOf,
  pciNode,
  pciRootNode,
  protocolInterface,
} from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { RamDisk } from './ram-disk.fixture.ts';

/** Without waiting for an architecture that these tests do not need. */
const atOnce = (module: DxeModule): DxeModule => ({ ...module, depex: { op: 'TRUE' } });

/** A disk as the world knows it. */
export interface WorldDisk {
  readonly handle: EfiHandle;
  readonly blockIo: RamDisk;
  readonly devicePath: DevicePath;
}

/** A firmware with DiskIoDxe and PartitionDxe, and disks that stand on handles of their own. */
export class DiskWorld {
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  /** What the drivers said. */
  readonly said: string[] = [];
  readonly #platform: Platform;
  #disks = 0;

  constructor(
    profile: Profile = 'specification',
    quirks: Partial<Record<QuirkName, boolean>> = {},
    modules: readonly DxeModule[] = [diskIoDxe, partitionDxe],
    devices: readonly Device[] = [],
  ) {
    this.#platform = createEmulatedMachine({ memory: 64 * 1024 * 1024, devices }).platform;
    this.core = createDxeCore(this.#platform, {
      modules: modules.map(atOnce),
      quirks: new Quirks(profile, quirks),
      onDebug: ({ message, module }) => this.said.push(`${module}: ${message}`),
    });
    this.core.dispatch();
    this.bs = this.core.systemTable.bootServices;
    this.said.length = 0;
  }

  /** A disk at `PciRoot(0x0)/Pci(<number>,0x0)`, not connected yet. */
  addDisk(bytes: Uint8Array, media: Partial<EfiBlockIoMedia> = {}): WorldDisk {
    const path = devicePath(pciRootNode(0), pciNode(this.#disks, 0));
    this.#disks += 1;
    const blockIo = new RamDisk(this.#platform.ram, bytes, media);
    const handle = this.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathProtocol, path),
      protocolInterface(BlockIoProtocol, blockIo),
    );
    return { handle, blockIo, devicePath: path };
  }

  /** A disk that everything was connected on. */
  connectDisk(bytes: Uint8Array, media: Partial<EfiBlockIoMedia> = {}): WorldDisk {
    const disk = this.addDisk(bytes, media);
    this.bs.connectController(disk.handle, undefined, undefined, true);
    return disk;
  }

  /** The handles with BlockIo below a disk, at any depth, with what their paths add to the disk's. */
  partitions(disk: WorldDisk): readonly (readonly [text: string, handle: EfiHandle])[] {
    const above = `${convertDevicePathToText(disk.devicePath)}/`;
    return this.core.handles().flatMap(({ handle, protocols }) => {
      if (!protocols.some(({ guid }) => guid === BlockIoProtocol.guid)) return [];
      const text = convertDevicePathToText(this.open(handle, DevicePathProtocol));
      const part: readonly [string, EfiHandle] = [text.slice(above.length), handle];
      return text.startsWith(above) ? [part] : [];
    });
  }

  /** What the paths of the partitions add to the disk's. */
  paths(disk: WorldDisk): readonly string[] {
    return this.partitions(disk).map(([text]) => text);
  }

  /** The image of a module, which is its driver binding handle, too. */
  image(name: string): EfiHandle {
    const image = this.core.images().find((one) => one.name === name);
    if (image === undefined) throw new TypeError(`${name} was not started`);
    return image.handle;
  }

  open<I>(handle: EfiHandle, protocol: Protocol<I>): I {
    return this.bs.openProtocol(
      handle,
      protocol,
      this.core.labImage,
      undefined,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
  }

  /** Names of the protocols on a handle, sorted. */
  protocolsOn(handle: EfiHandle): readonly string[] {
    const snapshot = this.core.handles().find((one) => one.handle === handle);
    return snapshot?.protocols.map(({ name }) => name).toSorted() ?? [];
  }

  /** Who has protocols of a handle open, other than by GET_PROTOCOL: `DiskIo 10 PartitionDxe`. */
  opens(handle: EfiHandle): readonly string[] {
    const snapshot = this.core.handles().find((one) => one.handle === handle);
    const records = snapshot?.protocols.flatMap(({ name, opens }) =>
      opens.flatMap(({ agentHandle, attributes }) => {
        const agent = agentHandle && this.core.nameOf(agentHandle);
        return (attributes & 0x38) === 0 ? [] : [`${name} ${attributes.toString(16)} ${agent}`];
      }),
    );
    return records?.toSorted() ?? [];
  }
}

/** How a service ends. */
export function statusOf(service: () => unknown): EfiStatus {
  try {
    service();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
