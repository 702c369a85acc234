import type {
  EfiExtScsiPassThru,
  EfiHandle,
  EfiScsiRequestPacket,
  ScsiAddress,
} from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  efiStatusOf,
  ExtScsiPassThruProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { PciFunction } from '@dxelab/pci-devices';
import type { VirtioDeviceModel, VirtioMmio, VirtioTransportOptions } from '@dxelab/virtio-devices';
import { VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioScsiDxe } from '@dxelab/virtio-scsi-dxe';
import type { VirtioWorldOptions } from '../virtio10-dxe/virtio-world.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';
import type { ScriptedScsiOptions } from './scripted-scsi.fixture.ts';
import { ScriptedScsi } from './scripted-scsi.fixture.ts';

const DRIVERS: readonly DxeModule[] = [virtio10Dxe, virtioScsiDxe];

export interface ScsiWorldOptions extends Partial<VirtioWorldOptions> {
  readonly scsi?: ScriptedScsiOptions;
  readonly transport?: VirtioTransportOptions;
  /** Plugs the device into another transport than the modern one. */
  readonly plug?: (
    device: VirtioDeviceModel,
    options?: VirtioTransportOptions,
  ) => PciFunction | VirtioMmio;
}

/** A machine with a scripted SCSI host device, and the firmware that drives it. */
export class ScsiWorld extends VirtioWorld {
  readonly device: ScriptedScsi;

  constructor({
    scsi,
    transport,
    plug = (device, plugged) => new VirtioPciModern(device, plugged),
    modules = DRIVERS,
    ...options
  }: ScsiWorldOptions = {}) {
    const device = new ScriptedScsi(scsi);
    super(plug(device, transport), { ...options, modules });
    this.device = device;
  }

  /** Connects everything, and returns the handle of the SCSI channel. */
  connect(): EfiHandle {
    this.connectAll();
    return this.only(ExtScsiPassThruProtocol);
  }

  /** Connects, and opens the SCSI channel. */
  open(): EfiExtScsiPassThru {
    this.connect();
    return this.openOnly(ExtScsiPassThruProtocol);
  }
}

/** A logical unit by its numbers. */
export function unit(target: number, lun = 0): ScsiAddress {
  const bytes = new Uint8Array(16);
  bytes[0] = target & 0xff;
  bytes[1] = target >> 8;
  return { target: bytes, lun };
}

/** A command; what is not said is nothing. */
export function command(fields: Partial<EfiScsiRequestPacket> = {}): EfiScsiRequestPacket {
  return {
    timeout: 0,
    inDataBuffer: undefined,
    outDataBuffer: undefined,
    senseData: undefined,
    cdb: new Uint8Array(6),
    inTransferLength: 0,
    outTransferLength: 0,
    dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_READ,
    hostAdapterStatus: 0xee,
    targetStatus: 0xee,
    senseDataLength: 0,
    ...fields,
  };
}

/** How a service ends. */
export function statusOf(body: () => unknown): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
