import { MemoryBackend } from '@dxelab/block-backends';
import {
  SCSI_INQUIRY,
  SCSI_READ_10,
  SCSI_TEST_UNIT_READY,
  SCSI_WRITE_10,
  readInquiry,
} from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { cdbOf, run } from '../test-task.fixture.ts';
import { ScsiDisk } from './scsi-disk.ts';

describe('a disk', () => {
  test('reads and writes', () => {
    const disk = new ScsiDisk({ backend: new MemoryBackend(64 * 512) });
    expect(run(disk, cdbOf(SCSI_TEST_UNIT_READY, 6)).outcome).toBe('6/2900');
    expect(run(disk, cdbOf(SCSI_TEST_UNIT_READY, 6)).outcome).toBe('status 0');
    const out = new Uint8Array(1024).map((_, index) => index);
    expect(run(disk, cdbOf(SCSI_WRITE_10, 10, [2, 4, 3], [7, 2, 2]), { out }).outcome).toBe(
      'status 0',
    );
    expect(run(disk, cdbOf(SCSI_READ_10, 10, [2, 4, 3], [7, 2, 2])).data).toEqual(out);
    expect(readInquiry(run(disk, cdbOf(SCSI_INQUIRY, 6, [3, 2, 96])).data)?.product).toBe(
      'SCSI disk',
    );
  });
});
