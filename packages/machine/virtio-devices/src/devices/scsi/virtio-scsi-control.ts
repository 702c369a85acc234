import { SCSI_TYPE_CDROM } from '@dxelab/scsi';
import {
  VIRTIO_SCSI_CONTROL_QUEUE,
  VIRTIO_SCSI_CTRL_AN,
  VIRTIO_SCSI_CTRL_TMF,
  VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE,
  VIRTIO_SCSI_S_ABORTED,
  VIRTIO_SCSI_S_BAD_TARGET,
  VIRTIO_SCSI_S_FAILURE,
  VIRTIO_SCSI_S_FUNCTION_COMPLETE,
  VIRTIO_SCSI_S_FUNCTION_REJECTED,
  VIRTIO_SCSI_S_FUNCTION_SUCCEEDED,
  VIRTIO_SCSI_S_INCORRECT_LUN,
  VIRTIO_SCSI_S_OK,
  VIRTIO_SCSI_S_RESET,
  VIRTIO_SCSI_T_AN_QUERY,
  VIRTIO_SCSI_T_AN_SUBSCRIBE,
  VIRTIO_SCSI_T_TMF,
  VIRTIO_SCSI_T_TMF_ABORT_TASK,
  VIRTIO_SCSI_T_TMF_ABORT_TASK_SET,
  VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET,
  VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET,
  VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET,
  VIRTIO_SCSI_T_TMF_QUERY_TASK,
  VIRTIO_SCSI_T_TMF_QUERY_TASK_SET,
} from '@dxelab/virtio';
import type { ScsiTarget } from '@dxelab/scsi-targets';
import type { VirtioDeviceHost } from '../../core/virtio-device-model.ts';
import type { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { VirtioScsiAddress } from './virtio-scsi-address.ts';
import type { VirtioScsiSettings } from './virtio-scsi-options.ts';
import type { PendingCommand } from './pending-commands.ts';
import type { VirtioScsiRequests } from './virtio-scsi-requests.ts';
import { VIRTIO_SCSI_TMF_RESPONSES } from './virtio-scsi-responses.ts';
import type { VirtioScsiUnits } from './virtio-scsi-units.ts';

/** event_actual u32 and response u8. */
const AN_ANSWER_SIZE = 5;

/** How a task management function ended. */
interface Outcome {
  /** VIRTIO_SCSI_S_*. */
  readonly response: number;
  /** How many commands it ended. */
  readonly ended: number;
}

/** The control queue: task management and asynchronous notification (virtio §5.6.6.2). */
export class VirtioScsiControl {
  host: VirtioDeviceHost | undefined;
  readonly #settings: VirtioScsiSettings;
  readonly #units: VirtioScsiUnits;
  readonly #requests: VirtioScsiRequests;
  readonly #address = new VirtioScsiAddress();
  /** The units, as `target << 16 | lun`, whose change of media the driver wants to hear of. */
  readonly #subscribed = new Set<number>();

  constructor(settings: VirtioScsiSettings, units: VirtioScsiUnits, requests: VirtioScsiRequests) {
    this.#settings = settings;
    this.#units = units;
    this.#requests = requests;
  }

  /** Whether the driver wants to hear of this unit's change of media. */
  isSubscribed(target: number, lun: number): boolean {
    return this.#subscribed.has((target << 16) | lun);
  }

  reset(): void {
    this.#subscribed.clear();
  }

  handle(chain: DescriptorChain): number | 'pending' {
    const type = chain.readUint32(0);
    switch (type) {
      case VIRTIO_SCSI_T_TMF:
        if (!this.#hasRoom(chain, VIRTIO_SCSI_CTRL_TMF.size, 1)) return 0;
        return this.#taskManagement(chain);
      case VIRTIO_SCSI_T_AN_QUERY:
      case VIRTIO_SCSI_T_AN_SUBSCRIBE:
        if (!this.#hasRoom(chain, VIRTIO_SCSI_CTRL_AN.size, AN_ANSWER_SIZE)) return 0;
        return this.#notification(chain, type === VIRTIO_SCSI_T_AN_SUBSCRIBE);
      default: {
        if (!this.#hasRoom(chain, 4, 1)) return 0;
        this.host?.report('5.6.6.2', `a control request of type ${type}: 0 to 2`, { type });
        // Whatever it is, the response is its last byte.
        chain.writeUint8(chain.writableLength - 1, VIRTIO_SCSI_S_FAILURE);
        return chain.writableLength === 1 ? 1 : 0;
      }
    }
  }

  #taskManagement(chain: DescriptorChain): number | 'pending' {
    const { host } = this;
    const address = this.#address;
    address.read(chain, VIRTIO_SCSI_CTRL_TMF.lun);
    const { target, lun } = address;
    const subtype = chain.readUint32(VIRTIO_SCSI_CTRL_TMF.subtype);
    const tag = chain.readUint32(VIRTIO_SCSI_CTRL_TMF.id);
    host?.trace?.('virtio_scsi_tmf_req', { device: host.name, target, lun, tag, subtype });
    const forced = this.#settings.taskManagement?.({ subtype, target, lun });
    if (forced === 'never') return 'pending';
    const answer = (response: number): number => {
      host?.trace?.('virtio_scsi_tmf_resp', { device: host.name, target, lun, tag, response });
      chain.writeUint8(0, response);
      return 1;
    };
    if (forced !== undefined) return answer(VIRTIO_SCSI_TMF_RESPONSES[forced]);
    const { response, ended } = this.#perform(chain, subtype);
    if (ended === 0 || host === undefined) return answer(response);
    // What it ended is answered first (§5.6.6.2): at the same instant, so in the order of these calls.
    return host.later(VIRTIO_SCSI_CONTROL_QUEUE, chain, 0, () => answer(response));
  }

  #perform(chain: DescriptorChain, subtype: number): Outcome {
    const { kind, target, lun } = this.#address;
    const found = kind === 'unit' ? this.#units.target(target) : undefined;
    if (found === undefined) return endingNothing(VIRTIO_SCSI_S_BAD_TARGET);
    if (subtype === VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET) {
      const ended = this.#end(this.#requests.of(target, undefined), VIRTIO_SCSI_S_RESET);
      found.reset();
      return { response: VIRTIO_SCSI_S_FUNCTION_COMPLETE, ended };
    }
    const unit = found.unit(lun);
    if (unit === undefined) return endingNothing(VIRTIO_SCSI_S_INCORRECT_LUN);
    const commands = this.#requests.of(target, lun);
    const named = commands.filter(
      ({ idLow, idHigh }) =>
        idLow === chain.readUint32(VIRTIO_SCSI_CTRL_TMF.id) &&
        idHigh === chain.readUint32(VIRTIO_SCSI_CTRL_TMF.id + 4),
    );
    let ended = 0;
    switch (subtype) {
      case VIRTIO_SCSI_T_TMF_ABORT_TASK:
        ended = this.#end(named, VIRTIO_SCSI_S_ABORTED);
        break;
      case VIRTIO_SCSI_T_TMF_ABORT_TASK_SET:
      // There is one initiator only, so that the task set is all its own.
      case VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET:
        ended = this.#end(commands, VIRTIO_SCSI_S_ABORTED);
        break;
      case VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET:
        ended = this.#end(commands, VIRTIO_SCSI_S_RESET);
        unit.reset();
        break;
      case VIRTIO_SCSI_T_TMF_QUERY_TASK:
        if (named.length > 0) return endingNothing(VIRTIO_SCSI_S_FUNCTION_SUCCEEDED);
        break;
      case VIRTIO_SCSI_T_TMF_QUERY_TASK_SET:
        if (commands.length > 0) return endingNothing(VIRTIO_SCSI_S_FUNCTION_SUCCEEDED);
        break;
      default:
        // CLEAR ACA, too: no unit has an auto contingent allegiance (NORMACA is 0).
        return endingNothing(VIRTIO_SCSI_S_FUNCTION_REJECTED);
    }
    return { response: VIRTIO_SCSI_S_FUNCTION_COMPLETE, ended };
  }

  #end(commands: readonly PendingCommand[], response: number): number {
    this.#requests.end(commands, response);
    return commands.length;
  }

  /** AN_QUERY and AN_SUBSCRIBE: what the driver may hear of a unit, and what it wants to. */
  #notification(chain: DescriptorChain, subscribes: boolean): number {
    const { host } = this;
    const address = this.#address;
    address.read(chain, VIRTIO_SCSI_CTRL_AN.lun);
    const { target, lun, kind } = address;
    const requested = chain.readUint32(VIRTIO_SCSI_CTRL_AN.eventRequested);
    const names = { target, lun, event_requested: requested };
    host?.trace?.('virtio_scsi_an_req', { device: host.name, ...names });
    const found = kind === 'unit' ? this.#units.target(target) : undefined;
    const response = responseOf(found, lun);
    // Drives are the only ones with something to tell beside unit attentions (MMC-6 §6.7).
    const isDrive = found?.unit(lun)?.deviceType === SCSI_TYPE_CDROM;
    const actual = isDrive ? requested & VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE : 0;
    if (subscribes && isDrive) {
      const key = (target << 16) | lun;
      if (actual === 0) this.#subscribed.delete(key);
      else this.#subscribed.add(key);
    }
    for (let byte = 0; byte < 4; byte++) chain.writeUint8(byte, (actual >>> (8 * byte)) & 0xff);
    chain.writeUint8(4, response);
    host?.trace?.('virtio_scsi_an_resp', { device: host.name, target, lun, response });
    return AN_ANSWER_SIZE;
  }

  #hasRoom(chain: DescriptorChain, readable: number, writable: number): boolean {
    const { head, readableLength, writableLength } = chain;
    if (readableLength >= readable && writableLength >= writable) return true;
    const message = `a control request of ${readableLength} readable and ${writableLength} writable bytes: ${readable} and ${writable}`;
    this.host?.needsReset('5.6.6.2', message, { head, readableLength, writableLength });
    return false;
  }
}

function endingNothing(response: number): Outcome {
  return { response, ended: 0 };
}

function responseOf(target: ScsiTarget | undefined, lun: number): number {
  if (target === undefined) return VIRTIO_SCSI_S_BAD_TARGET;
  return target.unit(lun) === undefined ? VIRTIO_SCSI_S_INCORRECT_LUN : VIRTIO_SCSI_S_OK;
}
