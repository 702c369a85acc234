import type { PciHostBridge } from '@dxelab/pci-devices';
import { PciBridge } from '@dxelab/pci-devices';
import type { EfiPciIo, EfiPciResource } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestBar } from './pci-world.fixture.ts';
import { PciWorld, testFunction } from './pci-world.fixture.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** All BARs of a function that have an address. */
function resourcesOf(pciIo: EfiPciIo): readonly EfiPciResource[] {
  return [0, 1, 2, 3, 4, 5].flatMap((bar) => {
    try {
      return [pciIo.getBarAttributes(bar).resource];
    } catch {
      return [];
    }
  });
}

describe.each(PROFILES)('when the apertures are too small, profile %s', (profile) => {
  const greedy: readonly TestBar[] = [[0, 'mem32', 2 * GIB]];

  test('the greediest function is left out and named, and the others work', () => {
    const world = new PciWorld(
      (host) => {
        host.plug('02.0', testFunction('greedy', greedy));
        host.plug('03.0', testFunction('modest', [[0, 'mem32', 0x1000]]));
      },
      { profile },
    ).connect();
    expect([...world.functions.keys()]).not.toContain('PciRoot(0x0)/Pci(0x2,0x0)');
    expect(world.messages).toContain(
      'PCI 00:02.0 is left out: no room for its 0x80000000 bytes of memory',
    );
    const { pciIo } = world.at('PciRoot(0x0)/Pci(0x3,0x0)');
    pciIo.enableAttributes(0x200);
    pciIo.mem.write(0, 0, 0, 0x55);
    expect(pciIo.mem.read(0, 0, 0)).toBe(0x55);
    expect(world.findings).toEqual([]);
  });

  test('as many are left out as must be, ports too, and also behind a bridge', () => {
    const bridge = new PciBridge('bridge');
    // 40 KiB of ports: ten windows of 4 KiB, and the rest of them has none.
    for (let device = 0; device < 3; device++) {
      bridge.plug(`0${device}.0`, testFunction(`card ${device}`, greedy));
    }
    const world = new PciWorld(
      (host) => {
        host.plug('02.0', bridge);
        for (let device = 3; device < 16; device++) {
          const port = new PciBridge(`port ${device}`);
          port.plug('00.0', testFunction(`device ${device}`, [[0, 'io', 0x20]]));
          host.plug(`0${device.toString(16)}.0`, port);
        }
      },
      { profile },
    ).connect();
    const behind = [...world.functions.keys()].filter((path) => path.split('/').length > 2);
    expect(behind).toHaveLength(10);
    expect(world.messages.filter((message) => message.includes('0x20 ports'))).toHaveLength(3);
    expect(world.messages.filter((message) => message.includes('bytes of memory'))).toHaveLength(3);
  });

  test('64-bit memory goes below 4 GiB when the root bridge decodes nothing above', () => {
    const world = new PciWorld(
      (host) => host.plug('02.0', testFunction('wide', [[0, 'mem64', MIB, true]])),
      { profile, rootBridge: (hob) => ({ ...hob, mem64: undefined }) },
    ).connect();
    const { pciIo } = world.at('PciRoot(0x0)/Pci(0x2,0x0)');
    expect(resourcesOf(pciIo)).toMatchObject([{ base: 0x80000000, length: MIB, granularity: 64 }]);
  });

  test('32-bit memory is not pushed out by larger 64-bit memory that had to go below', () => {
    const narrow: readonly TestBar[] = [
      [0, 'mem32', 512 * MIB],
      [1, 'mem32', MIB],
    ];
    const world = new PciWorld(
      (host) => {
        host.plug('02.0', testFunction('wide', [[0, 'mem64', GIB]]));
        host.plug('03.0', testFunction('narrow', narrow));
      },
      { profile, rootBridge: (hob) => ({ ...hob, mem64: undefined }) },
    ).connect();
    const paths = [...world.functions.keys()];
    expect(paths).toContain('PciRoot(0x0)/Pci(0x3,0x0)');
    expect(paths).not.toContain('PciRoot(0x0)/Pci(0x2,0x0)');
  });
});

/** A function or a bridge with what is behind it. */
type Node = { readonly bars: readonly TestBar[] } | { readonly behind: readonly Node[] };

const bar = fc.oneof(
  fc.record({ kind: fc.constant('io' as const), bits: fc.integer({ min: 2, max: 8 }) }),
  fc.record({ kind: fc.constant('mem32' as const), bits: fc.integer({ min: 4, max: 27 }) }),
  fc.record({ kind: fc.constant('mem64' as const), bits: fc.integer({ min: 4, max: 36 }) }),
);

const leaf = fc
  .array(fc.tuple(bar, fc.boolean()), { maxLength: 6 })
  .map((wanted): { bars: TestBar[] } => {
    const bars: TestBar[] = [];
    let index = 0;
    for (const [{ kind, bits }, prefetchable] of wanted) {
      const registers = kind === 'mem64' ? 2 : 1;
      if (index + registers > 6) break;
      bars.push([index, kind, 2 ** bits, kind !== 'io' && prefetchable]);
      index += registers;
    }
    return { bars };
  });

const tree = fc.letrec<{ node: Node; nodes: readonly Node[] }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ behind: tie('nodes') }),
  ),
  nodes: fc.array(tie('node'), { maxLength: 4 }),
})).nodes;

function plug(place: PciHostBridge | PciBridge, nodes: readonly Node[]): void {
  for (const [index, node] of nodes.entries()) {
    const slot = `${(index + 2).toString(16).padStart(2, '0')}.0`;
    if ('bars' in node) {
      place.plug(slot, testFunction(slot, node.bars));
    } else {
      const bridge = new PciBridge(slot);
      plug(bridge, node.behind);
      place.plug(slot, bridge);
    }
  }
}

/** What is wrong with where the BARs of a world are. */
function complaints(world: PciWorld): readonly string[] {
  const found: string[] = [];
  const functions = [...world.functions.values()];
  for (const { pciIo } of functions) pciIo.enableAttributes(pciIo.supportedAttributes() & 0x300);
  const all = functions.flatMap(({ pciIo }) =>
    resourcesOf(pciIo).map((resource) => ({ pciIo, ...resource })),
  );
  for (const { pciIo, type, base, length } of all) {
    const where = `${type} ${base.toString(16)}+${length.toString(16)}`;
    if (base % length !== 0) found.push(`${where} is not aligned`);
    // The last byte answers: every window on the way is open for the whole of the BAR.
    const space = type === 'io' ? pciIo.io : pciIo.mem;
    space.write(0, 0xff, base + length - 1, 0xa5);
    if (space.read(0, 0xff, base + length - 1) !== 0xa5) found.push(`${where} does not answer`);
  }
  for (const type of ['io', 'memory'] as const) {
    const sorted = all.filter((one) => one.type === type).toSorted((a, b) => a.base - b.base);
    for (const [index, { base }] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before !== undefined && base < before.base + before.length) {
        found.push(`${type} ${base.toString(16)} overlaps ${before.base.toString(16)}`);
      }
    }
  }
  return [...found, ...world.findings.map(({ message }) => message)];
}

test.each(PROFILES)(
  'whatever is plugged in: aligned, inside the windows above, no overlap, and it answers (%s)',
  (profile) => {
    fc.assert(
      fc.property(tree, (nodes) => {
        const world = new PciWorld((host) => plug(host, nodes), { profile }).connect();
        expect(complaints(world)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  },
  30_000,
);
