import { describe, expect, test } from 'vitest';
import { DeviceLog, valueFact } from './device-log.ts';

/** A log of accesses such as `w status 0`: to the polled status of a device, or to its queue_select. */
function logged(...accesses: readonly string[]): readonly string[] {
  const log = new DeviceLog('virtio-blk 02.0');
  for (const access of accesses) {
    const [direction, register, value] = access.split(' ');
    const name = register === 'status' ? 'common.deviceStatus' : 'common.queueSelect';
    log.register({ name, write: direction === 'w', width: 1, fact: valueFact(Number(value), 1) });
  }
  return log.events.map(({ subject, facts }) => `${subject} ${facts[0]?.text}`);
}

const WRITE = 'write common.deviceStatus (1)';
const READ = 'read  common.deviceStatus (1)';

describe('a poll', () => {
  test('counts once, by what it read last', () => {
    expect(logged('r status 5', 'r status 4', 'r status 3')).toEqual([`${READ} 0x03`]);
  });

  test('that tells nothing new does not count: how often drivers look depends on the time', () => {
    expect(logged('w status 15', 'r status 15', 'r status 15')).toEqual([`${WRITE} 0x0f`]);
  });

  test('until a reset is done counts as one that was done at once', () => {
    const slow = logged('w status 15', 'w status 0', 'r status 15', 'r status 15', 'r status 0');
    expect(slow).toEqual(logged('w status 15', 'w status 0', 'r status 0'));
  });

  test('that tells something new counts: the device refuses FEATURES_OK, or needs a reset', () => {
    expect(logged('w status 11', 'r status 3')).toEqual([`${WRITE} 0x0b`, `${READ} 0x03`]);
    expect(logged('w status 15', 'r status 79', 'w other 0', 'r status 79')).toHaveLength(3);
  });
});

test('registers that nobody polls count each time', () => {
  expect(logged('r other 1', 'r other 1', 'w other 1')).toHaveLength(3);
});
