import { PciBridge, PciFunction } from '@dxelab/pci-devices';
import type { AccessWidth } from '@dxelab/emulated-machine';
import { PROFILES } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PciWorld, testFunction } from './pci-world.fixture.ts';

const HONEST = 'PciRoot(0x0)/Pci(0x3,0x0)';

/** A function whose registers answer whatever it likes. */
class Liar extends PciFunction {
  readonly #answer: (offset: number, width: AccessWidth) => number | undefined;

  constructor(answer: (offset: number, width: AccessWidth) => number | undefined) {
    super({ name: 'liar', vendorId: 0x1234, deviceId: 1, classCode: 0 });
    this.#answer = answer;
  }

  override readConfig(offset: number, width: AccessWidth): number {
    return this.#answer(offset, width) ?? super.readConfig(offset, width);
  }
}

/** A world with a liar in slot 2 and an honest function in slot 3, which must not suffer. */
function worldWith(liar: PciFunction, profile: 'specification' | 'edk2'): PciWorld {
  const world = new PciWorld(
    (host) => {
      host.plug('02.0', liar);
      host.plug('03.0', testFunction('honest', [[0, 'mem32', 0x1000]]));
    },
    { profile },
  ).connect();
  const { pciIo } = world.at(HONEST);
  pciIo.enableAttributes(0x200);
  pciIo.mem.write(2, 0, 0, 0x600df00d);
  expect(pciIo.mem.read(2, 0, 0)).toBe(0x600df00d);
  return world;
}

describe.each(PROFILES)('what a function says is not to be trusted, profile %s', (profile) => {
  test('a circular capability list: a conventional function, and a warning', () => {
    const world = worldWith(
      new Liar((offset) => {
        if (offset === 6) return 0x10;
        if (offset === 0x34) return 0x40;
        return offset === 0x40 ? 0x4009 : undefined;
      }),
      profile,
    );
    expect(world.messages.join('\n')).toMatch(/PCI 00:02\.0: EFI_DEVICE_ERROR.*0x40/);
    expect([...world.functions.keys()]).toContain('PciRoot(0x0)/Pci(0x2,0x0)');
  });

  test('BARs that cannot be: they are none', () => {
    const bars = [0xfff0f000, 0x1, 0x6, 0x8, 0x2, 0xfffffff4];
    const world = worldWith(new Liar((offset) => bars[(offset - 0x10) / 4]), profile);
    const { pciIo } = world.at('PciRoot(0x0)/Pci(0x2,0x0)');
    for (let bar = 0; bar < 6; bar++) {
      expect(() => pciIo.getBarAttributes(bar)).toThrow(/EFI_UNSUPPORTED/);
    }
  });

  test('a BAR of 2^63 bytes: no room, and the others have theirs', () => {
    const world = worldWith(new Liar((offset) => [0x4, 0x80000000][(offset - 0x10) / 4]), profile);
    expect(world.messages.join('\n')).toMatch(/00:02\.0 is left out.*0x8000000000000000 bytes/);
  });

  test('a bridge that is all bridges: every bus behind it looks like its own', () => {
    const world = worldWith(new Liar((offset) => (offset === 0xe ? 0x01 : undefined)), profile);
    expect(world.functions.size).toBeGreaterThan(2);
  });

  test('whatever it is, enumeration ends, and nobody else suffers', () => {
    const random = fc.array(fc.integer({ min: 0, max: 0xffffffff }), {
      minLength: 64,
      maxLength: 64,
    });
    fc.assert(
      fc.property(random, fc.nat(0xff), (values, headerType) => {
        const liar = new Liar((offset, width) => {
          if (offset < 4) return undefined;
          if (offset === 0xe) return headerType;
          const value = (values[offset >>> 2] ?? 0) >>> (8 * (offset & 3));
          return width === 4 ? value >>> 0 : value & (2 ** (8 * width) - 1);
        });
        expect(worldWith(liar, profile).functions.has(HONEST)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

test('more bridges than bus numbers: those without a number lead nowhere, and it is said', () => {
  const chain = (depth: number): PciBridge => {
    const bridge = new PciBridge(`bridge ${depth}`);
    bridge.plug('00.0', depth === 0 ? testFunction('end') : chain(depth - 1));
    return bridge;
  };
  const world = new PciWorld((host) => host.plug('02.0', chain(3)), {
    rootBridge: (hob) => ({ ...hob, lastBus: 2 }),
  }).connect();
  expect([...world.functions.keys()].at(-1)).toBe(
    'PciRoot(0x0)/Pci(0x2,0x0)/Pci(0x0,0x0)/Pci(0x0,0x0)',
  );
  expect(world.messages.join('\n')).toMatch(/PCI 02:00\.0: no bus number is left/);
});

test.each([
  ['a CardBus bridge has one BAR', 2, [0]],
  ['a header that nobody knows has none', 3, []],
])('%s, and what stands where others have theirs is left alone', (_, layout, expected) => {
  const written: number[] = [];
  class Odd extends PciFunction {
    override writeConfig(offset: number, width: AccessWidth, value: number): void {
      written.push(offset);
      super.writeConfig(offset, width, value);
    }
  }
  const identity = { vendorId: 0x1234, deviceId: 1, classCode: 0x060700 };
  const odd = new Odd({ name: 'odd', ...identity }, layout);
  const world = new PciWorld((host) => host.plug('02.0', odd)).connect();
  const bars = [0, 1, 2, 3, 4, 5].filter((bar) => written.includes(0x10 + 4 * bar));
  expect(bars).toEqual(expected);
  expect([...world.functions.keys()]).toContain('PciRoot(0x0)/Pci(0x2,0x0)');
});
