import { MemoryBackend, SparseBackend } from '@dxelab/block-backends';
import {
  SCSI_INQUIRY,
  SCSI_READ_10,
  readInquiry,
  readScsiSense,
  scsiSenseText,
} from '@dxelab/scsi';
import { BufferTask, ScsiCdRom, ScsiDisk, ScsiTarget, scsiResult } from './index.ts';

const drive = new ScsiCdRom();
const target = new ScsiTarget([
  [0, new ScsiDisk({ backend: new SparseBackend(3 * 2 ** 40), serial: 'A-17' })],
  [1, drive],
]);

const inquiry = new BufferTask({ cdb: [SCSI_INQUIRY, 0, 0, 0, 36, 0], room: 36 });
target.execute(0, inquiry, scsiResult());
/** 'SCSI disk' */
export const product: string | undefined = readInquiry(inquiry.dataIn)?.product;

const read = new BufferTask({ cdb: [SCSI_READ_10, 0, 0, 0, 0, 16, 0, 0, 1, 0], room: 2048 });
const result = scsiResult();
export const sense: string[] = [];
for (let attempt = 0; attempt < 3; attempt++) {
  target.execute(1, read, result);
  const told = readScsiSense(result.sense);
  sense.push(told ? scsiSenseText(told) : 'none');
  // Somebody puts a disc in.
  if (attempt === 1) drive.insert(new MemoryBackend(64 * 2048));
}
