import type {
  DevicePathNode,
  EfiBootServices,
  EfiErrorStatus,
  EfiEvent,
  EfiExtScsiPassThru,
  EfiExtScsiPassThruMode,
  EfiScsiRequestPacket,
  ScsiAddress,
} from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL,
  EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL,
  EfiError,
  efiStatusOf,
  isDevicePathNode,
  MESSAGING_DEVICE_PATH,
  MSG_SCSI_DP,
  scsiNode,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET,
  VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET,
} from '@dxelab/virtio';
import type { VirtioProduct, VirtioRings } from '@dxelab/virtio-lib';
import { scsiAddress, targetArray, targetNumber } from './scsi-address.ts';
import { ScsiRequests } from './scsi-requests.ts';
import { requirePerformed } from './task-management.ts';

/** What the host adapter's own target id is: it has none (VirtioScsi.c). */
const NO_ADAPTER_ID = 0xffff_ffff;

/** Bytes of a SCSI device path node (UEFI §10.3.4.2), and where its numbers stand. */
const SCSI_NODE_LENGTH = 8;
const SCSI_NODE_PUN = 4;
const SCSI_NODE_LUN = 6;

/** EFI_EXT_SCSI_PASS_THRU_PROTOCOL on a virtio SCSI host device. OvmfPkg/VirtioScsiDxe; virtio §5.6, UEFI §15.7. */
export class VirtioScsi implements EfiExtScsiPassThru, VirtioProduct {
  readonly mode: EfiExtScsiPassThruMode = {
    adapterId: NO_ADAPTER_ID,
    attributes:
      EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_PHYSICAL | EFI_EXT_SCSI_PASS_THRU_ATTRIBUTES_LOGICAL,
    ioAlign: 0,
  };
  private readonly bs: EfiBootServices;
  private readonly requests: ScsiRequests;
  private readonly restIgnored: boolean;
  private readonly noTplRaise: boolean;
  private readonly nodeLengthUnchecked: boolean;

  /** Brings the device up. @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    rings?: VirtioRings,
  ) {
    const { quirks } = libraries;
    this.bs = bs;
    this.restIgnored = quirks.has('VirtioScsiDxe.TargetBytesIgnored');
    this.noTplRaise = quirks.has('VirtioScsiDxe.NoTplRaise');
    this.nodeLengthUnchecked = quirks.has('VirtioScsiDxe.NodeLengthUnchecked');
    this.requests = new ScsiRequests(virtIo, bs, libraries, rings);
  }

  /** Always blocking: NONBLOCKIO is not among the attributes, so the event is not looked at (UEFI §15.7.2). */
  passThru(address: ScsiAddress, packet: EfiScsiRequestPacket, _event?: EfiEvent): void {
    this.send(targetNumber(address.target, this.restIgnored), address.lun, packet);
  }

  /** Every one that could be addressed: which of them are there, the bus driver asks their targets. */
  getNextTargetLun(previous: ScsiAddress | undefined): ScsiAddress | undefined {
    if (previous === undefined) return scsiAddress(0, 0);
    const target = targetNumber(previous.target, this.restIgnored);
    this.requireUnit(target, previous.lun, 'EFI_INVALID_PARAMETER');
    const { maxTarget, maxLun } = this.requests.limits;
    if (previous.lun < maxLun) return scsiAddress(target, previous.lun + 1, previous);
    return target < maxTarget ? scsiAddress(target + 1, 0, previous) : undefined;
  }

  getNextTarget(previous: Uint8Array | undefined): Uint8Array | undefined {
    if (previous === undefined) return targetArray(0);
    const target = targetNumber(previous, this.restIgnored);
    this.requireUnit(target, 0, 'EFI_INVALID_PARAMETER');
    return target < this.requests.limits.maxTarget ? targetArray(target + 1, previous) : undefined;
  }

  buildDevicePath({ target, lun }: ScsiAddress): DevicePathNode {
    const pun = targetNumber(target, this.restIgnored);
    this.requireUnit(pun, lun, 'EFI_NOT_FOUND');
    return scsiNode(pun, lun);
  }

  getTargetLun(node: DevicePathNode): ScsiAddress {
    const isScsi = isDevicePathNode(node, MESSAGING_DEVICE_PATH, MSG_SCSI_DP);
    if (!isScsi || (node.length !== SCSI_NODE_LENGTH && !this.nodeLengthUnchecked)) {
      throw new EfiError('EFI_UNSUPPORTED', 'the node is no SCSI node');
    }
    const pun = uint16At(node, SCSI_NODE_PUN);
    const lun = uint16At(node, SCSI_NODE_LUN);
    this.requireUnit(pun, lun, 'EFI_NOT_FOUND');
    return scsiAddress(pun, lun);
  }

  /** Resets each target that there is, with all its logical units. */
  resetChannel(): void {
    this.requests.requireTaskManagement();
    const { maxTarget } = this.requests.limits;
    for (let target = 0; target <= maxTarget; target++) {
      try {
        this.manage(VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET, target, 0);
      } catch (caught) {
        // nobody is there to be reset
        if (efiStatusOf(caught) !== 'EFI_INVALID_PARAMETER') throw caught;
      }
    }
  }

  resetTargetLun({ target, lun }: ScsiAddress): void {
    this.requests.requireTaskManagement();
    const pun = targetNumber(target, this.restIgnored);
    this.requireUnit(pun, lun, 'EFI_INVALID_PARAMETER');
    this.manage(VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET, pun, lun);
  }

  exitBoot(): void {
    this.requests.quiesce();
  }

  uninit(): void {
    this.requests.uninit();
  }

  private send(target: number, lun: number, packet: EfiScsiRequestPacket): void {
    if (this.noTplRaise) {
      this.requests.execute(target, lun, packet);
      return;
    }
    // a notification function must not begin a second request while this one is in the ring
    const oldTpl = this.bs.raiseTpl(TPL_NOTIFY);
    try {
      this.requests.execute(target, lun, packet);
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  private manage(subtype: number, target: number, lun: number): void {
    const oldTpl = this.bs.raiseTpl(TPL_NOTIFY);
    try {
      requirePerformed(this.requests.manage(subtype, target, lun));
    } finally {
      this.bs.restoreTpl(oldTpl);
    }
  }

  private requireUnit(target: number, lun: number, status: EfiErrorStatus): void {
    const { maxTarget, maxLun } = this.requests.limits;
    if (target <= maxTarget && lun >= 0 && lun <= maxLun && Number.isInteger(lun)) return;
    throw new EfiError(
      status,
      `target ${target}, LUN ${lun}: the last are target ${maxTarget}, LUN ${maxLun}`,
    );
  }
}

function uint16At(node: DevicePathNode, at: number): number {
  return (node[at] ?? 0) | ((node[at + 1] ?? 0) << 8);
}
