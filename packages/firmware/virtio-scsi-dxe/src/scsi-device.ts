import type { EfiBootServices } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_SCSI_CDB_SIZE,
  VIRTIO_SCSI_CONFIG,
  VIRTIO_SCSI_CONTROL_QUEUE,
  VIRTIO_SCSI_F_INOUT,
  VIRTIO_SCSI_REQUEST_QUEUE,
  VIRTIO_SCSI_SENSE_SIZE,
} from '@dxelab/virtio';
import type { VirtioRings, VirtioSyncQueue, VirtioSyncSetup } from '@dxelab/virtio-lib';
import { virtioReadConfig, virtioSyncInit, virtioSyncUninit } from '@dxelab/virtio-lib';
import type { VirtioScsiConfig } from './virtio-scsi-config.ts';
import { readVirtioScsiConfig } from './virtio-scsi-config.ts';

/** Descriptors of the longest chain: request, data out, response, data in; of a task management function two. */
const MINIMUM_REQUEST_QUEUE = 4;
const MINIMUM_CONTROL_QUEUE = 2;

interface Started {
  readonly config: VirtioScsiConfig;
  readonly setup: VirtioSyncSetup;
}

/** A running SCSI host device, which can be reset and set up again (virtio §5.6.5). */
export class ScsiDevice {
  readonly config: VirtioScsiConfig;
  readonly features: bigint;
  private readonly virtIo: VirtioDevice;
  private readonly bs: EfiBootServices;
  private readonly libraries: ModuleLibraries;
  private readonly rings: VirtioRings | undefined;
  private readonly hasControlQueue: boolean;
  /** Absent after a reset that the device did not come back from. */
  private setup: VirtioSyncSetup | undefined;
  private stopped = false;

  /** Brings the device up. @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  constructor(
    virtIo: VirtioDevice,
    bs: EfiBootServices,
    libraries: ModuleLibraries,
    rings: VirtioRings | undefined,
  ) {
    this.virtIo = virtIo;
    this.bs = bs;
    this.rings = rings;
    this.libraries = libraries;
    this.hasControlQueue = !libraries.quirks.has('VirtioScsiDxe.NoTaskManagement');
    const { config, setup } = this.start();
    this.config = config;
    this.features = setup.features;
    this.setup = setup;
  }

  /**
   * The first request queue.
   * @throws EFI_DEVICE_ERROR if the device was stopped, or is gone and does not come back
   */
  get requestQueue(): VirtioSyncQueue {
    return this.running().queue;
  }

  /** @throws EFI_UNSUPPORTED with VirtioScsiDxe.NoTaskManagement; as `requestQueue` */
  get controlQueue(): VirtioSyncQueue {
    const [control] = this.running().moreQueues;
    if (control !== undefined) return control;
    throw new EfiError('EFI_UNSUPPORTED', 'the control queue is not set up');
  }

  /**
   * Takes everything away from a device that keeps a chain: resets it, and sets it up again. If it does
   * not come back now, whoever needs it next tries again.
   */
  recover(): void {
    try {
      this.end();
      this.running();
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }

  /** Stops the device and leaves the memory alone. */
  quiesce(): void {
    this.stopped = true;
    this.virtIo.setDeviceStatus(0);
  }

  uninit(): void {
    this.stopped = true;
    this.end();
  }

  private running(): VirtioSyncSetup {
    if (this.stopped) throw new EfiError('EFI_DEVICE_ERROR', 'the device was stopped');
    this.setup ??= this.start().setup;
    return this.setup;
  }

  private start(): Started {
    const { virtIo, libraries } = this;
    let config: VirtioScsiConfig | undefined;
    const setup = virtioSyncInit(virtIo, this.bs, libraries, {
      choose: () => {
        config = virtioReadConfig(this.rings?.access, () =>
          readVirtioScsiConfig(virtIo, libraries.quirks),
        );
        return VIRTIO_SCSI_F_INOUT;
      },
      queue: VIRTIO_SCSI_REQUEST_QUEUE,
      minimumQueueSize: MINIMUM_REQUEST_QUEUE,
      moreQueues: this.hasControlQueue
        ? [{ queue: VIRTIO_SCSI_CONTROL_QUEUE, minimumQueueSize: MINIMUM_CONTROL_QUEUE }]
        : [],
      rings: this.rings,
      configure: () => {
        virtIo.writeDevice(VIRTIO_SCSI_CONFIG.cdbSize, 4, VIRTIO_SCSI_CDB_SIZE);
        virtIo.writeDevice(VIRTIO_SCSI_CONFIG.senseSize, 4, VIRTIO_SCSI_SENSE_SIZE);
      },
    });
    this.libraries.debug.assert(config !== undefined, 'virtioInit asks which features to take');
    return { config, setup };
  }

  private end(): void {
    const { setup } = this;
    this.setup = undefined;
    if (setup !== undefined) virtioSyncUninit(this.virtIo, setup);
  }
}
