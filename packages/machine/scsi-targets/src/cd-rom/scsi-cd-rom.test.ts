import { MemoryBackend } from '@dxelab/block-backends';
import { SCSI_READ_10, SCSI_TEST_UNIT_READY, SCSI_READ_TOC } from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import { cdbOf, run } from '../test-task.fixture.ts';
import { ScsiCdRom } from './scsi-cd-rom.ts';

describe('a drive', () => {
  test('reads', () => {
    const drive = new ScsiCdRom();
    expect(run(drive, cdbOf(SCSI_TEST_UNIT_READY, 6)).outcome).toBe('6/2900');
    expect(run(drive, cdbOf(SCSI_TEST_UNIT_READY, 6)).outcome).toBe('2/3a00');
    drive.insert(new MemoryBackend(new Uint8Array(64 * 2048).fill(7)));
    expect(run(drive, cdbOf(SCSI_TEST_UNIT_READY, 6)).outcome).toBe('6/2800');
    expect(run(drive, cdbOf(SCSI_READ_10, 10, [2, 4, 3], [7, 2, 2])).data).toEqual(
      new Uint8Array(4096).fill(7),
    );
    expect([...run(drive, cdbOf(SCSI_READ_TOC, 10, [7, 2, 100])).data]).toEqual([
      0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, 0, 0, 0, 64,
    ]);
  });
});
