import type { GuestRam } from '@dxelab/platform';
import type { EfiBootServices, EfiScsiRequestPacket } from '@dxelab/uefi';
import {
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER,
  EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND,
  EfiError,
  isEfiFailure,
} from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { deviceError, unwinding } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_F_VERSION_1,
  VIRTIO_SCSI_F_INOUT,
  VIRTIO_SCSI_T_TMF_ABORT_TASK,
  VRING_DESC_F_NEXT,
  VRING_DESC_F_WRITE,
} from '@dxelab/virtio';
import type { VirtioRings, VirtioSyncQueue } from '@dxelab/virtio-lib';
import type { RequestLimits } from './check-request.ts';
import { checkRequest } from './check-request.ts';
import { FreshRequestMemory } from './fresh-request-memory.ts';
import { KeptRequestMemory } from './kept-request-memory.ts';
import { REQUEST_SIZE } from './request-header.ts';
import type { OpenRequest, RequestMemory } from './request-memory.ts';
import { virtioScsiLun } from './scsi-address.ts';
import { ScsiDevice } from './scsi-device.ts';
import { readResponse, requireOk, RESPONSE_SIZE } from './scsi-response.ts';
import { TaskManagement } from './task-management.ts';

/** Units of a packet's timeout, which are 100 ns, in a microsecond. */
const TIMEOUT_UNITS = 10;

/** What stands for a used length that is not to be asked: more than a chain can have. */
const UNKNOWN_LENGTH = 0x7fff_ffff;

/** How long an aborted command may take to come back, in microseconds. */
const ABORTED_COMMAND_TIMEOUT = 100_000;

/** Commands to the logical units of a device, one at a time (virtio §5.6.6). */
export class ScsiRequests {
  readonly limits: RequestLimits;
  private readonly ram: GuestRam;
  private readonly device: ScsiDevice;
  private readonly memory: RequestMemory;
  /** Absent with VirtioScsiDxe.NoTaskManagement. */
  private readonly tasks: TaskManagement | undefined;
  private readonly usedLengthIgnored: boolean;
  private readonly residualUnclamped: boolean;
  private readonly timeoutIgnored: boolean;
  private readonly idZero: boolean;
  private lastId = 0;

  /** Brings the device up. @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    rings?: VirtioRings,
  ) {
    const { quirks, ram } = libraries;
    this.ram = ram;
    this.device = new ScsiDevice(virtIo, bs, libraries, rings);
    const { config, features } = this.device;
    this.limits = {
      ...config,
      bidirectional: (features & VIRTIO_SCSI_F_INOUT) !== 0n,
      halfOfMaxSectors: quirks.has('VirtioScsiDxe.HalfOfMaxSectors'),
      longTransfersUnsupported: quirks.has('VirtioScsiDxe.LongTransfersUnsupported'),
      unaddressableUnsupported: quirks.has('VirtioScsiDxe.UnaddressableUnsupported'),
    };
    // a legacy device's used length says nothing (virtio §5.6.6)
    this.usedLengthIgnored =
      (features & VIRTIO_F_VERSION_1) === 0n || quirks.has('VirtioScsiDxe.UsedLengthIgnored');
    this.residualUnclamped = quirks.has('VirtioScsiDxe.ResidualUnclamped');
    this.timeoutIgnored = quirks.has('VirtioScsiDxe.TimeoutIgnored');
    this.idZero = quirks.has('VirtioScsiDxe.RequestIdZero');
    const { memory, tasks } = unwinding((unwind) => {
      unwind.push(() => this.device.uninit());
      const requestMemory: RequestMemory = quirks.has('VirtioScsiDxe.RequestMemoryPerRequest')
        ? new FreshRequestMemory(bs, virtIo, ram)
        : new KeptRequestMemory(virtIo, ram);
      unwind.push(() => requestMemory.free());
      const taskManagement = quirks.has('VirtioScsiDxe.NoTaskManagement')
        ? undefined
        : new TaskManagement(virtIo, ram);
      return { memory: requestMemory, tasks: taskManagement };
    });
    this.memory = memory;
    this.tasks = tasks;
  }

  /**
   * Sends a command and waits for its end. Called when no other one can come between.
   * @throws as EfiExtScsiPassThru.passThru; EFI_OUT_OF_RESOURCES with an unchanged packet
   */
  execute(target: number, lun: number, packet: EfiScsiRequestPacket): void {
    const request = this.memory.open();
    try {
      checkRequest(this.limits, target, lun, packet);
      requireOk(this.send(request, virtioScsiLun(target, lun), packet));
    } finally {
      request.close();
    }
  }

  /**
   * Performs a task management function on a target or logical unit.
   * @param subtype VIRTIO_SCSI_T_TMF_*
   * @returns the response: VIRTIO_SCSI_S_*
   * @throws EFI_UNSUPPORTED with VirtioScsiDxe.NoTaskManagement, EFI_TIMEOUT, EFI_DEVICE_ERROR
   */
  manage(subtype: number, target: number, lun: number): number {
    const tasks = this.requireTaskManagement();
    const queue = this.device.controlQueue;
    try {
      return tasks.perform(queue, subtype, virtioScsiLun(target, lun), 0);
    } catch (caught) {
      if (queue.broken !== undefined) this.device.recover();
      throw caught;
    }
  }

  /** @throws EFI_UNSUPPORTED with VirtioScsiDxe.NoTaskManagement */
  requireTaskManagement(): TaskManagement {
    if (this.tasks !== undefined) return this.tasks;
    throw new EfiError('EFI_UNSUPPORTED', 'no task management: the control queue is not set up');
  }

  /** Stops the device and leaves the memory alone. */
  quiesce(): void {
    this.device.quiesce();
  }

  uninit(): void {
    this.device.uninit();
    this.tasks?.free();
    this.memory.free();
  }

  /** @returns the response; whatever comes between is the host adapter's failure, which the packet says */
  private send(request: OpenRequest, lun: number, packet: EfiScsiRequestPacket): number {
    try {
      const queue = this.device.requestQueue;
      const id = this.idZero ? 0 : ++this.lastId;
      request.fill(lun, id, packet.cdb);
      request.map(packet);
      const usedLength = this.submit(queue, request, lun, id, packet);
      const written = this.usedLengthIgnored ? UNKNOWN_LENGTH : usedLength;
      const { ram, residualUnclamped } = this;
      const response = readResponse(ram, request.responseAt, written, residualUnclamped, packet);
      request.deliver(packet);
      return response;
    } catch (caught) {
      throw hostAdapterError(packet, caught);
    }
  }

  private submit(
    queue: VirtioSyncQueue,
    request: OpenRequest,
    lun: number,
    id: number,
    packet: EfiScsiRequestPacket,
  ): number {
    const { inTransferLength, outTransferLength } = packet;
    queue.prepare(2 + (inTransferLength > 0 ? 1 : 0) + (outTransferLength > 0 ? 1 : 0));
    queue.append(request.request, REQUEST_SIZE, VRING_DESC_F_NEXT);
    if (outTransferLength > 0) {
      queue.append(request.dataOut, outTransferLength, VRING_DESC_F_NEXT);
    }
    const more = inTransferLength > 0 ? VRING_DESC_F_NEXT : 0;
    queue.append(request.response, RESPONSE_SIZE, VRING_DESC_F_WRITE | more);
    if (inTransferLength > 0) {
      queue.append(request.dataIn, inTransferLength, VRING_DESC_F_WRITE);
    }
    const timeout = this.timeoutIgnored ? 0 : Math.ceil(packet.timeout / TIMEOUT_UNITS);
    try {
      // QEMU's device counts the data that it has read as written
      return queue.flush(timeout, outTransferLength);
    } catch (caught) {
      if (isTimeout(caught)) this.abort(queue, lun, id);
      // the chain may still be the device's: only a reset takes its buffers away from it
      if (queue.broken !== undefined) this.device.recover();
      throw caught;
    }
  }

  /** Has the device give a chain back; if it does not, the queue stays broken. */
  private abort(queue: VirtioSyncQueue, lun: number, id: number): void {
    try {
      const tasks = this.requireTaskManagement();
      tasks.perform(this.device.controlQueue, VIRTIO_SCSI_T_TMF_ABORT_TASK, lun, id);
      queue.await(ABORTED_COMMAND_TIMEOUT);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}

/** Says in the packet that nothing was moved (VirtioScsi.c: ReportHostAdapterError), and by what it failed. */
function hostAdapterError(packet: EfiScsiRequestPacket, caught: unknown): unknown {
  if (!isEfiFailure(caught)) return caught;
  packet.inTransferLength = 0;
  packet.outTransferLength = 0;
  packet.hostAdapterStatus = isTimeout(caught)
    ? EFI_EXT_SCSI_STATUS_HOST_ADAPTER_TIMEOUT_COMMAND
    : EFI_EXT_SCSI_STATUS_HOST_ADAPTER_OTHER;
  packet.targetStatus = 0;
  packet.senseDataLength = 0;
  return isTimeout(caught) ? caught : deviceError('the command was not carried out', caught);
}

function isTimeout(caught: unknown): boolean {
  return isEfiFailure(caught) && caught.status === 'EFI_TIMEOUT';
}
