import {
  fixedScsiSense,
  getBigEndian,
  SCSI_ASC_INVALID_FIELD_IN_CDB,
  SCSI_REPORT_LUNS,
  SCSI_REPORT_LUNS_ADDRESSABLE,
  SCSI_REPORT_LUNS_ALL,
  SCSI_REPORT_LUNS_WELL_KNOWN,
  SCSI_REPORT_LUNS_WELL_KNOWN_LUN,
  SCSI_SENSE_ILLEGAL_REQUEST,
  SCSI_STATUS_CHECK_CONDITION,
} from '@dxelab/scsi';
import { ScsiTarget } from '@dxelab/scsi-targets';
import type { ScsiResult, ScsiTask } from '@dxelab/scsi-targets';
import { VIRTIO_SCSI_LUN_SIZE, virtioScsiLun } from './virtio-scsi-address.ts';
import type { VirtioScsiUnits } from './virtio-scsi-units.ts';

const HEADER = 8;

/**
 * The REPORT LUNS well-known logical unit of the whole host (virtio §5.6.6.1): it lists the logical
 * units of all targets, each with the address that the driver uses for it.
 */
export class HostReportLuns {
  readonly #units: VirtioScsiUnits;
  /** Answers everything but REPORT LUNS. */
  readonly #unit = new ScsiTarget([]);

  constructor(units: VirtioScsiUnits) {
    this.#units = units;
  }

  execute(task: ScsiTask, result: ScsiResult): void {
    const { cdb } = task;
    if (cdb[0] !== SCSI_REPORT_LUNS) {
      this.#unit.execute(SCSI_REPORT_LUNS_WELL_KNOWN_LUN, task, result);
      return;
    }
    const selected = cdb[2] ?? 0;
    const allocation = getBigEndian(cdb, 6, 4);
    if (selected > SCSI_REPORT_LUNS_ALL) {
      result.status = SCSI_STATUS_CHECK_CONDITION;
      result.sense = fixedScsiSense(SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ASC_INVALID_FIELD_IN_CDB);
      return;
    }
    const data = this.#list(selected);
    const wanted = Math.min(allocation, data.length);
    result.dataInWanted = wanted;
    result.dataInMoved = task.writeDataIn(0, data.subarray(0, wanted));
  }

  #list(selected: number): Uint8Array {
    const entries: Uint8Array[] = [];
    if (selected !== SCSI_REPORT_LUNS_ADDRESSABLE)
      entries.push(Uint8Array.of(0xc1, 1, 0, 0, 0, 0, 0, 0));
    if (selected !== SCSI_REPORT_LUNS_WELL_KNOWN) {
      for (const [target, { luns }] of this.#units.all()) {
        for (const lun of luns) entries.push(virtioScsiLun(target, lun));
      }
    }
    const data = new Uint8Array(HEADER + VIRTIO_SCSI_LUN_SIZE * entries.length);
    new DataView(data.buffer).setUint32(0, data.length - HEADER);
    for (const [index, entry] of entries.entries()) {
      data.set(entry, HEADER + VIRTIO_SCSI_LUN_SIZE * index);
    }
    return data;
  }
}
