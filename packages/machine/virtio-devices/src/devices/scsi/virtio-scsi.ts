import { SCSI_TYPE_CDROM } from '@dxelab/scsi';
import type { ScsiLogicalUnit } from '@dxelab/scsi-targets';
import {
  VIRTIO_SCSI_CDB_SIZE,
  VIRTIO_SCSI_CONFIG,
  VIRTIO_SCSI_CONTROL_QUEUE,
  VIRTIO_SCSI_EVENT_QUEUE,
  VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE,
  VIRTIO_SCSI_EVT_RESET_HARD,
  VIRTIO_SCSI_EVT_RESET_REMOVED,
  VIRTIO_SCSI_EVT_RESET_RESCAN,
  VIRTIO_SCSI_F_CHANGE,
  VIRTIO_SCSI_F_HOTPLUG,
  VIRTIO_SCSI_S_FAILURE,
  VIRTIO_SCSI_S_RESET,
  VIRTIO_SCSI_SENSE_SIZE,
  VIRTIO_SCSI_T_ASYNC_NOTIFY,
  VIRTIO_SCSI_T_PARAM_CHANGE,
  VIRTIO_SCSI_T_TRANSPORT_RESET,
  VIRTIO_SUBSYSTEM_SCSI_HOST,
} from '@dxelab/virtio';
import type { VirtioDeviceHost, VirtioDeviceModel } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { PendingCommands } from './pending-commands.ts';
import { virtioScsiConfig, virtioScsiFeatures } from './virtio-scsi-config.ts';
import { VirtioScsiControl } from './virtio-scsi-control.ts';
import { VirtioScsiEvents } from './virtio-scsi-events.ts';
import { checkUnitPlace, virtioScsiSettings } from './virtio-scsi-options.ts';
import type { VirtioScsiOptions, VirtioScsiSettings } from './virtio-scsi-options.ts';
import { VirtioScsiRequests } from './virtio-scsi-requests.ts';
import { VirtioScsiUnits } from './virtio-scsi-units.ts';

/** A SCSI host: targets with logical units, and a bus between that never is in the way (virtio §5.6). */
export class VirtioScsi implements VirtioDeviceModel {
  readonly name = 'virtio-scsi';
  readonly deviceType: number = VIRTIO_SUBSYSTEM_SCSI_HOST;
  readonly features: bigint;
  readonly queueSizes: readonly number[];
  readonly config: Uint8Array;
  private readonly view: DataView;
  private readonly settings: VirtioScsiSettings;
  private readonly units = new VirtioScsiUnits();
  private readonly pending = new PendingCommands();
  private readonly events = new VirtioScsiEvents();
  private readonly requests: VirtioScsiRequests;
  private readonly control: VirtioScsiControl;
  /** What was negotiated. */
  private negotiated = 0n;

  /** @throws MachineSetupError for options that no device can have */
  constructor(options: VirtioScsiOptions = {}) {
    const settings = virtioScsiSettings(options);
    const { units, pending } = this;
    this.settings = settings;
    this.requests = new VirtioScsiRequests(settings, units, pending);
    this.control = new VirtioScsiControl(settings, units, this.requests);
    this.features = virtioScsiFeatures(settings);
    this.queueSizes = Array<number>(2 + settings.requestQueues).fill(settings.queueSize);
    this.config = virtioScsiConfig(settings);
    this.view = new DataView(this.config.buffer);
    this.applySizes();
    for (const { target, lun, unit } of options.units ?? []) this.install(target, lun, unit);
  }

  attach(host: VirtioDeviceHost): void {
    this.requests.host = host;
    this.control.host = host;
    this.events.host = host;
  }

  start(features: bigint): void {
    this.negotiated = features;
    this.requests.negotiated(features);
  }

  reset(): void {
    this.negotiated = 0n;
    this.pending.clear();
    this.events.reset();
    this.control.reset();
    this.requests.negotiated(0n);
    this.units.reset();
    this.view.setUint32(VIRTIO_SCSI_CONFIG.senseSize, VIRTIO_SCSI_SENSE_SIZE, true);
    this.view.setUint32(VIRTIO_SCSI_CONFIG.cdbSize, VIRTIO_SCSI_CDB_SIZE, true);
    this.applySizes();
  }

  /** Only sense_size and cdb_size can be written (virtio §5.6.4.1); byte by byte, too. */
  writeConfig(offset: number, width: number, value: number): void {
    const { senseSize, cdbSize } = VIRTIO_SCSI_CONFIG;
    if (offset < senseSize || offset + width > cdbSize + 4) {
      const message = 'only sense_size and cdb_size can be written';
      this.requests.host?.report('5.6.4.1', message, { offset, width, value });
      return;
    }
    for (let byte = 0; byte < width; byte++) {
      this.config[offset + byte] = Math.floor(value / 0x100 ** byte) & 0xff;
    }
    this.applySizes();
  }

  handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    if (queueIndex === VIRTIO_SCSI_CONTROL_QUEUE) return this.control.handle(chain);
    if (queueIndex === VIRTIO_SCSI_EVENT_QUEUE) return this.events.accept(chain);
    return this.requests.handle(queueIndex, chain);
  }

  /**
   * Adds a logical unit, also while the machine runs: drivers with VIRTIO_SCSI_F_HOTPLUG are told.
   * @throws MachineSetupError for a place where none can be, or one is already
   */
  plug(target: number, lun: number, unit: ScsiLogicalUnit): void {
    this.install(target, lun, unit);
    if (this.has(VIRTIO_SCSI_F_HOTPLUG)) {
      this.events.send(VIRTIO_SCSI_T_TRANSPORT_RESET, target, lun, VIRTIO_SCSI_EVT_RESET_RESCAN);
    }
  }

  /**
   * Takes a logical unit away; commands that are under way there fail (virtio §5.6.6.1.1).
   * @returns it, or `undefined` if there was none
   */
  unplug(target: number, lun: number): ScsiLogicalUnit | undefined {
    const unit = this.units.unplug(target, lun);
    if (unit === undefined) return undefined;
    unit.onEvent = undefined;
    this.requests.end(this.pending.of(target, lun), VIRTIO_SCSI_S_FAILURE);
    if (this.has(VIRTIO_SCSI_F_HOTPLUG)) {
      this.events.send(VIRTIO_SCSI_T_TRANSPORT_RESET, target, lun, VIRTIO_SCSI_EVT_RESET_REMOVED);
    }
    return unit;
  }

  /** Resets a logical unit without the driver having asked: it is told (virtio §5.6.6.3). */
  resetUnit(target: number, lun: number): void {
    const unit = this.units.target(target)?.unit(lun);
    if (unit === undefined) return;
    this.requests.end(this.pending.of(target, lun), VIRTIO_SCSI_S_RESET);
    unit.reset();
    this.events.send(VIRTIO_SCSI_T_TRANSPORT_RESET, target, lun, VIRTIO_SCSI_EVT_RESET_HARD);
  }

  private install(target: number, lun: number, unit: ScsiLogicalUnit): void {
    checkUnitPlace(this.settings, target, lun);
    this.units.plug(target, lun, unit);
    const isDrive = unit.deviceType === SCSI_TYPE_CDROM;
    unit.onEvent = ({ code }) => {
      if (isDrive) this.mediaChanged(target, lun);
      else this.parametersChanged(target, lun, code);
    };
  }

  /** Of a drive only who has subscribed to it is told; never PARAM_CHANGE (virtio §5.6.6.3.2). */
  private mediaChanged(target: number, lun: number): void {
    if (!this.control.isSubscribed(target, lun)) return;
    this.events.send(VIRTIO_SCSI_T_ASYNC_NOTIFY, target, lun, VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE);
  }

  /** @param code ASC << 8 | ASCQ; the event has them the other way round */
  private parametersChanged(target: number, lun: number, code: number): void {
    if (!this.has(VIRTIO_SCSI_F_CHANGE)) return;
    const reason = (code >> 8) | ((code & 0xff) << 8);
    this.events.send(VIRTIO_SCSI_T_PARAM_CHANGE, target, lun, reason);
  }

  private applySizes(): void {
    this.requests.senseSize = this.view.getUint32(VIRTIO_SCSI_CONFIG.senseSize, true);
    this.requests.cdbSize = this.view.getUint32(VIRTIO_SCSI_CONFIG.cdbSize, true);
  }

  private has(feature: bigint): boolean {
    return (this.negotiated & feature) !== 0n;
  }
}
