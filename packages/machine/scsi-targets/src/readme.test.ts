import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { product, sense } from './example.fixture.ts';
import { Mute } from './mute.fixture.ts';
import { cdbOf, run } from './test-task.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** A fixture as a user would write it. */
const asWritten = (path: string): string =>
  text(path).replaceAll('./index.ts', '@dxelab/scsi-targets');

describe('the README', () => {
  const examples = [...text('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  test('shows the target and the unit that are tested here', () => {
    expect(examples).toEqual([asWritten('./example.fixture.ts'), asWritten('./mute.fixture.ts')]);
  });

  test('its target has a disk, and a drive that is given a disc', () => {
    expect(product).toBe('SCSI disk');
    expect(sense).toEqual([
      'UNIT ATTENTION, POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (6/29/00)',
      'NOT READY, MEDIUM NOT PRESENT (2/3A/00)',
      'UNIT ATTENTION, NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED (6/28/00)',
    ]);
  });

  test('its unit says who it is', () => {
    expect(run(new Mute(), cdbOf(0x12, 6, [3, 2, 36]))).toMatchObject({
      outcome: 'status 0',
      dataInMoved: 36,
    });
    expect(run(new Mute(), cdbOf(0x00, 6)).outcome).toBe('5/2000');
  });
});
