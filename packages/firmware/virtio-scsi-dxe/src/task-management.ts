import type { GuestRam } from '@dxelab/platform';
import { EfiError } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_SCSI_CTRL_TMF,
  VIRTIO_SCSI_S_BAD_TARGET,
  VIRTIO_SCSI_S_FAILURE,
  VIRTIO_SCSI_S_FUNCTION_COMPLETE,
  VIRTIO_SCSI_S_FUNCTION_REJECTED,
  VIRTIO_SCSI_S_FUNCTION_SUCCEEDED,
  VIRTIO_SCSI_S_INCORRECT_LUN,
  VIRTIO_SCSI_T_TMF,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import type { VirtioSyncQueue } from '@dxelab/virtio-lib';
import { SharedPage } from './shared-page.ts';

/** How long a function may take, in microseconds. */
const TIMEOUT = 1_000_000;

/** Where the response stands in the page, behind the request. */
const RESPONSE = 64;

/** Task management functions through the control queue, one at a time (virtio §5.6.6.2). */
export class TaskManagement {
  readonly #ram: GuestRam;
  readonly #page: SharedPage;

  /** @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws */
  constructor(virtIo: VirtioDevice, ram: GuestRam) {
    this.#ram = ram;
    this.#page = new SharedPage(virtIo);
  }

  /**
   * @param subtype VIRTIO_SCSI_T_TMF_*
   * @param lun as `virtioScsiLun` makes it
   * @param id of the request that is meant, if one is
   * @returns the response: VIRTIO_SCSI_S_*
   * @throws EFI_TIMEOUT, EFI_DEVICE_ERROR: the queue may be broken then
   */
  perform(queue: VirtioSyncQueue, subtype: number, lun: number, id: number): number {
    const { address, deviceAddress } = this.#page;
    this.#ram.fill(address, VIRTIO_SCSI_CTRL_TMF.size, 0);
    this.#ram.writeUint32(address + VIRTIO_SCSI_CTRL_TMF.type, VIRTIO_SCSI_T_TMF);
    this.#ram.writeUint32(address + VIRTIO_SCSI_CTRL_TMF.subtype, subtype);
    this.#ram.writeUint32(address + VIRTIO_SCSI_CTRL_TMF.lun, lun);
    this.#ram.writeUint64(address + VIRTIO_SCSI_CTRL_TMF.id, id);
    this.#ram.writeUint8(address + RESPONSE, VIRTIO_SCSI_S_FAILURE);
    queue.prepare(2);
    queue.append(deviceAddress, VIRTIO_SCSI_CTRL_TMF.size, VRING_DESC_F_NEXT);
    queue.append(deviceAddress + RESPONSE, 1, VRING_DESC_F_WRITE);
    queue.flush(TIMEOUT, 0);
    return this.#ram.readUint8(address + RESPONSE);
  }

  free(): void {
    this.#page.free();
  }
}

/**
 * What a reset says of a response (UEFI §15.7.6, §15.7.7).
 * @throws EFI_UNSUPPORTED if the device rejects the function, EFI_INVALID_PARAMETER if there is no such
 *   logical unit, EFI_DEVICE_ERROR
 */
export function requirePerformed(response: number): void {
  const message = `the device answered the function with response ${response}`;
  switch (response) {
    case VIRTIO_SCSI_S_FUNCTION_COMPLETE:
    case VIRTIO_SCSI_S_FUNCTION_SUCCEEDED:
      return;
    case VIRTIO_SCSI_S_FUNCTION_REJECTED:
      throw new EfiError('EFI_UNSUPPORTED', message);
    case VIRTIO_SCSI_S_BAD_TARGET:
    case VIRTIO_SCSI_S_INCORRECT_LUN:
      throw new EfiError('EFI_INVALID_PARAMETER', message);
    default:
      throw new EfiError('EFI_DEVICE_ERROR', message);
  }
}
