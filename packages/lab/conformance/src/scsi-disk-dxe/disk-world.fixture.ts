import { diskIoDxe } from '@dxelab/disk-io-dxe';
import type { PciFunction } from '@dxelab/pci-devices';
import { partitionDxe } from '@dxelab/partition-dxe';
import { scsiBusDxe } from '@dxelab/scsi-bus-dxe';
import { scsiDiskDxe } from '@dxelab/scsi-disk-dxe';
import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import type { EfiBlockIo, EfiHandle, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  ExtScsiPassThruProtocol,
  convertDevicePathToText,
  efiStatusOf,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import type {
  VirtioMmio,
  VirtioScsiOptions,
  VirtioScsiUnit,
  VirtioTransportOptions,
} from '@dxelab/virtio-devices';
import { VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';
import { virtioPciDeviceDxe } from '@dxelab/virtio-pci-device-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import type { VirtioWorldOptions } from '../virtio10-dxe/virtio-world.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';

/** From the transports up to partitions, in OVMF's order. */
const DRIVERS: readonly DxeModule[] = [
  diskIoDxe,
  partitionDxe,
  scsiBusDxe,
  scsiDiskDxe,
  virtioPciDeviceDxe,
  virtio10Dxe,
  virtioScsiDxe,
  virtioFdtDxe,
];

export interface ScsiDiskWorldOptions extends Partial<VirtioWorldOptions> {
  /** One unit at target 0, LUN 0, or several with their places. */
  readonly units: ScsiLogicalUnit | readonly VirtioScsiUnit[];
  readonly scsi?: VirtioScsiOptions;
  readonly transport?: VirtioTransportOptions;
  /** Plugs the host into another transport than the modern one. */
  readonly plug?: (
    device: VirtioScsi,
    options?: VirtioTransportOptions,
  ) => PciFunction | VirtioMmio;
}

/** A machine with one SCSI host, and the firmware that drives it, up to the partitions of its disks. */
export class ScsiDiskWorld extends VirtioWorld {
  readonly device: VirtioScsi;

  constructor({
    units,
    scsi,
    transport,
    plug = (device, plugged) => new VirtioPciModern(device, plugged),
    modules = DRIVERS,
    ...options
  }: ScsiDiskWorldOptions) {
    const places = 'execute' in units ? [{ target: 0, lun: 0, unit: units }] : units;
    const device = new VirtioScsi({ ...scsi, units: places });
    super(plug(device, transport), { ...options, modules });
    this.device = device;
  }

  /** Connects everything, and returns the handle of the SCSI channel. */
  connect(): EfiHandle {
    this.connectAll();
    // A device on MMIO has no parent that would lead to what is above it.
    this.bs.connectController(this.only(ExtScsiPassThruProtocol), undefined, undefined, true);
    return this.only(ExtScsiPassThruProtocol);
  }

  /** Connects, and opens the first disk. */
  openDisk(): EfiBlockIo {
    this.connect();
    return this.openOnly(BlockIoProtocol);
  }

  open<Interface>(handle: EfiHandle, protocol: Protocol<Interface>): Interface {
    return this.bs.openProtocol(
      handle,
      protocol,
      this.core.labImage,
      undefined,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
  }

  /** The handles with a protocol, by what their device path adds to the channel's. */
  below(protocol: Protocol<unknown>): ReadonlyMap<string, EfiHandle> {
    const above = this.#path(this.only(ExtScsiPassThruProtocol));
    const found = this.core.handles().flatMap(({ handle, protocols }) => {
      if (!protocols.some(({ guid }) => guid === protocol.guid)) return [];
      const path = this.#path(handle);
      const entry: readonly [string, EfiHandle] = [path.slice(above.length + 1), handle];
      return path.startsWith(`${above}/`) ? [entry] : [];
    });
    return new Map(found);
  }

  /** Names of the protocols on a handle, sorted. */
  protocolsOn(handle: EfiHandle): readonly string[] {
    const snapshot = this.core.handles().find((one) => one.handle === handle);
    return snapshot?.protocols.map(({ name }) => name).toSorted() ?? [];
  }

  /** Who has protocols of a handle open, other than by GET_PROTOCOL: `ScsiIo 10 ScsiDiskDxe`. */
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

  #path(handle: EfiHandle): string {
    return convertDevicePathToText(this.open(handle, DevicePathProtocol));
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

/** Bytes of which no two blocks are the same. */
export function numbered(length: number, mark = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < length; at += 512) {
    view.setUint32(at, at / 512);
    view.setUint32(at + 508, mark);
  }
  return bytes;
}
