import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { SCSI_INQUIRY } from '@dxelab/scsi';
import { ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiScsiRequestPacket } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_DATA_DIRECTION_READ,
  ExtScsiPassThruProtocol,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';

// A machine with a SCSI host, whose target 3 has a disk as LUN 5.
const unit = new ScsiDisk({ backend: new MemoryBackend(2 ** 20) });
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(new VirtioScsi({ units: [{ target: 3, lun: 5, unit }] })));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });

// A firmware with OVMF's drivers, which are dispatched, and connected from the root bridge down.
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const root of bs.locateHandleBuffer(all)) {
  bs.connectController(root, undefined, undefined, true);
}

// INQUIRY: who are you?
export const inquiry: Uint8Array = new Uint8Array(36);
const packet: EfiScsiRequestPacket = {
  timeout: 30_000_000, // 3 s
  cdb: Uint8Array.of(SCSI_INQUIRY, 0, 0, 0, inquiry.length, 0),
  dataDirection: EFI_EXT_SCSI_DATA_DIRECTION_READ,
  inDataBuffer: inquiry,
  inTransferLength: inquiry.length,
  outDataBuffer: undefined,
  outTransferLength: 0,
  senseData: new Uint8Array(18),
  senseDataLength: 18,
  hostAdapterStatus: 0,
  targetStatus: 0,
};
const target = new Uint8Array(16);
target[0] = 3;
const scsi = bs.locateProtocol(ExtScsiPassThruProtocol);
scsi.passThru({ target, lun: 5 }, packet); // inquiry: 0 for a disk, …, and its names
