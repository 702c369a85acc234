import { SCSI_REPORT_LUNS_WELL_KNOWN_LUN } from '@dxelab/scsi';
import type { ScsiResult } from '@dxelab/scsi-targets';
import { VIRTIO_SCSI_REQ, VIRTIO_SCSI_RESP } from '@dxelab/virtio';
import type { VirtioDeviceHost } from '../../core/virtio-device-model.ts';
import { DescriptorChain } from '../../queue/descriptor-chain.ts';
import { HostReportLuns } from './host-report-luns.ts';
import { VirtioScsiAddress } from './virtio-scsi-address.ts';
import type { VirtioScsiCommand, VirtioScsiSettings } from './virtio-scsi-options.ts';
import { VIRTIO_SCSI_RESPONSES } from './virtio-scsi-responses.ts';
import { VirtioScsiTask } from './virtio-scsi-task.ts';
import type { VirtioScsiUnits } from './virtio-scsi-units.ts';

// Offsets and responses (virtio §5.6.6.1), local because imported constants are slow under Vitest.
const { id: ID, taskAttr: TASK_ATTR } = VIRTIO_SCSI_REQ;
const { senseLen: SENSE_LEN, residual: RESIDUAL, sense: SENSE } = VIRTIO_SCSI_RESP;
const { status: STATUS, response: RESPONSE } = VIRTIO_SCSI_RESP;
const OK = 0;
const OVERRUN = 1;
const BAD_TARGET = 3;
const FAILURE = 9;

const NO_SENSE = new Uint8Array(0);

/**
 * Carries out a command in the driver's buffers and answers it (virtio §5.6.6.1). Its objects are used
 * for every command: none is made on the way.
 */
export class ScsiCommandExecutor {
  host: VirtioDeviceHost | undefined;
  /** Whether a command may move data both ways. */
  inout = false;
  private readonly settings: VirtioScsiSettings;
  private readonly units: VirtioScsiUnits;
  private readonly reportLuns: HostReportLuns;
  private readonly address = new VirtioScsiAddress();
  private readonly task = new VirtioScsiTask(new DescriptorChain());
  private readonly result: ScsiResult = {
    status: 0,
    sense: NO_SENSE,
    dataInMoved: 0,
    dataOutMoved: 0,
    dataInWanted: 0,
    dataOutWanted: 0,
  };
  /** The writable header with room for sense data, and a view of its fields. */
  private header = new Uint8Array(SENSE);
  private fields = new DataView(this.header.buffer);

  constructor(settings: VirtioScsiSettings, units: VirtioScsiUnits) {
    this.settings = settings;
    this.units = units;
    this.reportLuns = new HostReportLuns(units);
  }

  /** What a command is, without doing it. */
  look(chain: DescriptorChain, cdbSize: number, senseSize: number): VirtioScsiCommand {
    this.begin(chain, cdbSize, senseSize);
    const { target, lun } = this.address;
    return { target, lun, cdb: this.task.cdb };
  }

  /**
   * Carries a command out and answers it.
   * @param chain with room for both headers
   * @returns how many bytes were written, from the first writable one on
   */
  execute(chain: DescriptorChain, cdbSize: number, senseSize: number): number {
    this.begin(chain, cdbSize, senseSize);
    const { address, task, host } = this;
    host?.trace?.('virtio_scsi_cmd_req', {
      device: host.name,
      target: address.target,
      lun: address.lun,
      tag: chain.readUint32(ID),
      cmd: task.cdb[0] ?? 0,
    });
    this.checkHeader(chain);
    return this.answer(chain, senseSize, this.perform(chain));
  }

  /** Answers a command that is not carried out. @param response VIRTIO_SCSI_S_* */
  refuse(chain: DescriptorChain, cdbSize: number, senseSize: number, response: number): number {
    this.begin(chain, cdbSize, senseSize);
    return this.answer(chain, senseSize, response);
  }

  private begin(chain: DescriptorChain, cdbSize: number, senseSize: number): void {
    this.address.read(chain, 0);
    this.task.begin(chain, cdbSize, senseSize);
    const { result } = this;
    result.status = 0;
    result.sense = NO_SENSE;
    result.dataInMoved = 0;
    result.dataOutMoved = 0;
    result.dataInWanted = 0;
    result.dataOutWanted = 0;
  }

  /** @returns the response; `result` says the rest */
  private perform(chain: DescriptorChain): number {
    const { address, task, result } = this;
    const { target, lun } = address;
    const forced = this.settings.response?.({ target, lun, cdb: task.cdb });
    if (forced !== undefined && forced !== 'OK') return VIRTIO_SCSI_RESPONSES[forced];
    if (task.dataOutLength > 0 && task.dataInLength > 0 && !this.inout) {
      const message = 'a command with data both ways: VIRTIO_SCSI_F_INOUT was not negotiated';
      this.host?.report('5.6.6.1.1', message, { out: task.dataOutLength, in: task.dataInLength });
      return FAILURE;
    }
    this.checkSegments(chain);
    if (address.kind === 'report-luns') this.reportLuns.execute(task, result);
    else {
      const there = address.kind === 'none' ? undefined : this.units.target(target);
      if (there === undefined) return BAD_TARGET;
      const unit = address.kind === 'unit' ? lun : SCSI_REPORT_LUNS_WELL_KNOWN_LUN;
      there.execute(unit, task, result);
    }
    const isCutOff =
      result.dataInWanted > task.dataInLength || result.dataOutWanted > task.dataOutLength;
    return isCutOff ? OVERRUN : OK;
  }

  private answer(chain: DescriptorChain, senseSize: number, response: number): number {
    const { task, result, address, host } = this;
    const { status, sense, dataInMoved, dataOutMoved } = result;
    if (this.header.length !== SENSE + senseSize) {
      this.header = new Uint8Array(SENSE + senseSize);
      this.fields = new DataView(this.header.buffer);
    }
    const { header, fields } = this;
    const senseLength = Math.min(sense.length, senseSize);
    const residual = task.dataOutLength + task.dataInLength - dataOutMoved - dataInMoved;
    fields.setUint32(SENSE_LEN, senseLength, true);
    fields.setUint32(RESIDUAL, residual, true);
    fields.setUint8(STATUS, status);
    fields.setUint8(RESPONSE, response);
    for (let index = 0; index < senseLength; index++) header[SENSE + index] = sense[index] ?? 0;
    // All of it: the used length promises every byte before the data (§2.7.8.2).
    chain.writeBytes(0, header);
    if (senseLength > 0) header.fill(0, SENSE);
    host?.trace?.('virtio_scsi_cmd_resp', {
      device: host.name,
      target: address.target,
      lun: address.lun,
      tag: chain.readUint32(ID),
      response,
      status,
    });
    return SENSE + senseSize + dataInMoved;
  }

  private checkHeader(chain: DescriptorChain): void {
    const { address, host } = this;
    if (address.kind === 'none' || address.hasTail) {
      const message =
        'an address that names no logical unit: 01, target, a single level LUN, and four zeros';
      host?.report('5.6.6.1', message, { low: chain.readUint32(0), high: chain.readUint32(4) });
    }
    // The three fields, and the first byte of the CDB behind them.
    const fields = chain.readUint32(TASK_ATTR) & 0xff_ffff;
    if (fields === 0) return;
    const [taskAttr, prio, crn] = [fields & 0xff, (fields >> 8) & 0xff, fields >> 16];
    const message = `task_attr ${taskAttr}, prio ${prio} and crn ${crn}: zero`;
    host?.report('5.6.6.1.2', message, { taskAttr, prio, crn });
  }

  /** The limit binds the driver; the device can serve what exceeds it. */
  private checkSegments(chain: DescriptorChain): void {
    const { segMax } = this.settings;
    // A header takes a segment, where the driver does not cut it further.
    const out = chain.readableCount - 1;
    const into = chain.segmentCount - chain.readableCount - 1;
    if (out <= segMax && into <= segMax) return;
    const message = `${out} segments of data out and ${into} of data in: seg_max is ${segMax}`;
    this.host?.report('5.6.4', message, { out, in: into });
  }
}
