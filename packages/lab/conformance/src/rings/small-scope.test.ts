import { readFileSync } from 'node:fs';
import { PackedVirtqueue, SplitVirtqueue } from '@dxelab/virtio-devices';
import { virtioQueueInit } from '@dxelab/virtio-lib';
import { afterAll, describe, expect, test } from 'vitest';
import { explore } from './explorer.fixture.ts';
import { plant, removePlanted } from './planted-bug.fixture.ts';
import { BUGS, scopeFor, SECOND_LOOK } from './planted-bugs.fixture.ts';
import { sidesOf } from './scope.fixture.ts';
import type { KnownScope } from './scopes.fixture.ts';
import { known, NIGHTLY, SCOPES } from './scopes.fixture.ts';

const SHIPPED = sidesOf(virtioQueueInit, SplitVirtqueue, PackedVirtqueue);
const PAGE = readFileSync(new URL('../../../../../docs/rings.md', import.meta.url), 'utf8');
/** Split rings come first. */
const order = (ring: string): string => (ring.startsWith('split') ? `0${ring}` : `1${ring}`);
const isNight = process.env['DXELAB_NIGHTLY'] !== undefined;
const scopes: readonly KnownScope[] = isNight ? [...SCOPES, ...NIGHTLY] : SCOPES;

describe('every order in which a driver and a device can do their steps (issue 6)', () => {
  test('queues of 1 to 8 descriptors, packed, and split where there are such', () => {
    const tried = new Set(SCOPES.map(({ name }) => name.split(/ |:/).slice(0, 2).join(' ')));
    const packed = [1, 2, 3, 4, 5, 6, 7, 8].map((size) => `packed ${size}`);
    const split = [1, 2, 4, 8].map((size) => `split ${size}`);
    expect([...tried].toSorted()).toEqual([...packed, ...split]);
  });

  test('docs/rings.md says how many states there are', () => {
    const sums = new Map<string, number>();
    for (const { name, states } of SCOPES) {
      const [ring = ''] = /^\w+ \d/.exec(name) ?? [];
      const key = ring.replace(' ', ', ');
      sums.set(key, (sums.get(key) ?? 0) + states);
    }
    const rows = [...PAGE.matchAll(/^\| (\w+, \d) +\|.*\| +([\d,]+) +\| [^|]+\|$/gmu)];
    const shown = rows.map(([, ring = '', states = '']) => [
      ring,
      Number(states.replaceAll(',', '')),
    ]);
    expect(shown).toEqual([...sums].toSorted(([a], [b]) => order(a).localeCompare(order(b))));
  });

  test.each(scopes)('$name', { timeout: 900_000 }, (scope) => {
    const { violation, trace, states, depth, complete } = explore(scope, SHIPPED);
    expect([violation, ...trace]).toEqual([undefined]);
    // fields that come and go in the queues change the number a little: it must not shrink unseen
    expect(states).toBeGreaterThanOrEqual(scope.states * 0.9);
    expect({ complete, deep: complete || depth === scope.depth }).toEqual({
      complete: scope.complete,
      deep: true,
    });
  });
});

describe('finds what is planted, and the shortest way to it', () => {
  afterAll(removePlanted);

  test.each(BUGS.map((bug, number) => ({ ...bug, number })))(
    '$ring, from size $size on: $what',
    { timeout: 120_000 },
    async (bug) => {
      const sides = await plant(bug, bug.number);
      const { violation, trace } = explore(scopeFor(bug, bug.size), sides);
      expect(violation).toBeDefined();
      // someone must see from it what has happened
      expect(trace.every((step) => /^(?:driver|device), \w/.test(step))).toBe(true);
      // and in a smaller queue it does not show
      for (let size = 1; size < bug.size; size += 1) {
        expect(explore(scopeFor(bug, size), sides).violation).toBeUndefined();
      }
    },
  );

  test.each(SECOND_LOOK.map((change, at) => ({ change, at })))(
    'packed: of the two barriers before the second look one is enough ($at is missing)',
    { timeout: 120_000 },
    async ({ change, at }) => {
      const bug = { what: 'one barrier', file: 'packed-queue', ...change };
      const sides = await plant(bug, BUGS.length + at);
      for (const use of ['event-idx', 'event-idx toggles', 'event-idx every-access']) {
        expect(explore(known(`packed 1 ${use}`, [1], 1, 0), sides).violation).toBeUndefined();
      }
    },
  );

  test('a driver that looks for ever for what a sleeping device never does is stuck, too', async () => {
    const bug = BUGS.find(({ what }) => what.startsWith('no full barrier between the index'));
    if (bug === undefined) throw new TypeError('the mistake is gone');
    const sides = await plant(bug, BUGS.length + 3);
    const { violation, trace } = explore(known('split 1 event-idx polls', [1], 1, 0), sides);
    expect(violation).toBe('from here on no chain ever comes back');
    expect(trace.at(-1)).toMatch(/^device, askForNotification/);
  });

  test('a way to a mistake reads like this', async () => {
    const bug = BUGS.find(
      ({ what, ring }) => ring === 'split' && what.startsWith('no second look'),
    );
    if (bug === undefined) throw new TypeError('the mistake is gone');
    const sides = await plant(bug, BUGS.length + 2);
    const { violation, trace } = explore(scopeFor(bug, 1), sides);
    expect([violation, ...trace].join('\n')).toMatchInlineSnapshot(`
      "both sides wait, and nobody will end it
      driver, submit of 1: sees its stores through; stores available index = 0
      driver, kick: sees its stores through
      driver, kick: sees avail_event = 0xffff; notifies
      device, wait: is notified
      device, pop: sees available index = 0; takes chain 0, gives chain 0 back, stores data of chain 0 = 2, stores used 0; stores used index = 0
      driver, collect: sees used index = 0, which comes before the fence of the device; collects chain 0, stores descriptor 0, submits chain 0, stores data of chain 0 = 1, stores available 0.head = 0; stores available index = 1
      driver, kick: sees its stores through
      device, push: sees its stores through
      device, push: sees used_event = 0xfffe; interrupts
      driver, kick: sees avail_event = 0xfffc
      driver, collect: sees used index = 0xffff; stores used_event = 0xffff
      device, pop: sees available index = 0; takes chain 0
      device, pop: sees available index = 0; gives chain 0 back, stores data of chain 0 = 2, stores used 0; stores used index = 0
      device, push: sees its stores through
      device, push: sees used_event = 0xfffc; stores avail_event = 0
      driver, collect: sees its stores through
      device, askForNotification: sees its stores through
      device, askForNotification: sees available index = 0"
    `);
  });
});
