import { isTerminalSignal } from '@dxelab/platform';
import { guid } from '@dxelab/uefi';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

const TABLE = guid('a5a5a5a5-0000-4000-8000-000000000002');
const SECOND = 1_000_000;
const BYTES = Uint8Array.from({ length: 64 }, (_, index) => index + 1);

/** Of those services that a module provides. */
function dispatched(check: Check): Check {
  return (world) => {
    world.core.dispatch();
    check(world);
  };
}

/** Whether the machine is reset within so many seconds. */
function isReset({ bs }: SctWorld, seconds: number): boolean {
  try {
    bs.stall(seconds * SECOND);
    return false;
  } catch (caught) {
    if (isTerminalSignal(caught)) return true;
    throw caught;
  }
}

/** Sets the watchdog again and again, waiting in between; then it has or has not reset the machine. */
function watchdog(steps: readonly { timeout: number; wait: number }[], reset: boolean): Check {
  return dispatched((world) => {
    const resets = steps.map(({ timeout, wait }) => {
      world.bs.setWatchdogTimer(timeout, 0x10000n);
      return isReset(world, wait);
    });
    same(resets, [...steps.slice(1).map(() => false), reset]);
  });
}

/** A page that counts up, changed by a service, against the same change to an array. */
function changes(
  service: (world: SctWorld, page: number) => void,
  change: (bytes: Uint8Array) => void,
): Check {
  return (world) => {
    const page = world.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    world.ram.writeBytes(page, BYTES);
    service(world, page);
    const expected = BYTES.slice();
    change(expected);
    const came = new Uint8Array(BYTES.length);
    world.ram.readBytes(page, came);
    same(came, expected);
  };
}

function copies(from: number, to: number, length: number): Check {
  return changes(
    ({ bs }, page) => bs.copyMem(page + to, page + from, length),
    (bytes) => void bytes.copyWithin(to, from, from + length),
  );
}

function sets(from: number, length: number): Check {
  return changes(
    ({ bs }, page) => bs.setMem(page + from, length, 0x5a),
    (bytes) => void bytes.fill(0x5a, from, from + length),
  );
}

/** Miscellaneous boot services (UEFI §7.5). */
export const MISCELLANEOUS_CHECKS: readonly SctCheck[] = [
  ...checksOf('SetWatchdogTimer', [
    [
      'function 1',
      'is disabled before it expires',
      watchdog(
        [
          { timeout: 3, wait: 1 },
          { timeout: 0, wait: 4 },
        ],
        false,
      ),
    ],
    ['function 2', 'expires', watchdog([{ timeout: 5, wait: 7 }], true)],
    [
      'function 3',
      'is set again before it expires, then disabled',
      watchdog(
        [
          { timeout: 5, wait: 3 },
          { timeout: 10, wait: 6 },
          { timeout: 0, wait: 9 },
        ],
        false,
      ),
    ],
    ['function 4', 'expires later', watchdog([{ timeout: 10, wait: 12 }], true)],
    [
      'function 5',
      'is disabled twice',
      watchdog(
        [
          { timeout: 5, wait: 1 },
          { timeout: 0, wait: 1 },
          { timeout: 0, wait: 6 },
        ],
        false,
      ),
    ],
  ]),
  ...checksOf('Stall', [
    [
      'function 1',
      'four seconds, as the clock has it',
      dispatched(({ bs, rt }) => {
        const before = rt.getTime().time;
        bs.stall(4 * SECOND);
        const after = rt.getTime().time;
        same((after.second - before.second + 60) % 60, 4);
      }),
    ],
  ]),
  ...checksOf('CopyMem', [
    ['function 1', 'ranges apart', copies(0, 32, 32)],
    ['function 2', 'one and the same range', copies(8, 8, 32)],
    ['function 3', 'down, onto a part of itself', copies(16, 0, 32)],
    ['function 4', 'down by a byte', copies(1, 0, 32)],
    ['function 5', 'up, onto a part of itself', copies(0, 16, 32)],
    ['function 6', 'up by a byte', copies(0, 1, 32)],
    ['function 7', 'no bytes', copies(0, 32, 0)],
  ]),
  ...checksOf('SetMem', [
    ['function 1', 'a range', sets(0, 32)],
    ['function 2', 'no bytes', sets(0, 0)],
    ['function 3', 'a range that begins at an odd address', sets(3, 29)],
  ]),
  ...checksOf('GetNextMonotonicCount', [
    ['conformance 1', 'no place for the count', 'C'],
    [
      'function 1',
      'one more each time',
      dispatched(({ bs }) => same(bs.getNextMonotonicCount() + 1n, bs.getNextMonotonicCount())),
    ],
    ['function 2', 'the upper half grows with each reset', 'reset'],
  ]),
  ...checksOf('InstallConfigurationTable', [
    ['conformance 1', 'no name for the table', 'C'],
    [
      'conformance 2',
      'to remove one that is not there',
      (world) =>
        world.expectStatus('EFI_NOT_FOUND', () =>
          world.bs.installConfigurationTable(TABLE, undefined),
        ),
    ],
    [
      'function 1 to 3',
      'one is installed, changed and removed',
      ({ bs, core }) => {
        const table = (): unknown => core.systemTable.configurationTable.get(TABLE);
        const [first, second] = [{ first: 1 }, { second: 2 }];
        bs.installConfigurationTable(TABLE, first);
        same(table(), first);
        bs.installConfigurationTable(TABLE, second);
        same(table(), second);
        bs.installConfigurationTable(TABLE, undefined);
        same(table(), undefined);
      },
    ],
  ]),
  ...checksOf('CalculateCrc32', [
    ['conformance 1, 2', 'no data; no place for the result', 'C'],
    [
      'conformance 3',
      'no bytes',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.calculateCrc32(new Uint8Array(0)),
        ),
    ],
    [
      'function 1',
      'the check value of CRC-32',
      ({ bs }) => same(bs.calculateCrc32(new TextEncoder().encode('123456789')), 0xcbf43926),
    ],
  ]),
];
