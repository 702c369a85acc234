import { PCI_CLASSCODE_OFFSET, PCI_COMMAND_OFFSET } from '@dxelab/pci';
import { EFI_PCI_DEVICE_ENABLE, EfiError } from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { FakeFunction, FakeTpl } from '../fake-function.fixture.ts';
import { FunctionAttributes } from './function-attributes.ts';
import { RootUpstream } from './upstream.ts';

/** What OVMF's root bridges support. */
const ROOT = 0x70069;
/** DUAL_ADDRESS_CYCLE, EMBEDDED_ROM, EMBEDDED_DEVICE: what a root bridge has no say in. */
const FREE = 0xe000;

const BRIDGE_CONTROL = 0x3e;

interface Options {
  /** The bits of the command register that can be written. */
  readonly command?: number;
  readonly classCode?: number;
  readonly bridgeControl?: number;
  readonly quirks?: Quirks;
}

function world(options: Options = {}) {
  const { command = 7, classCode = 0x0100, bridgeControl, quirks } = options;
  const fake = new FakeFunction(
    [
      { offset: PCI_COMMAND_OFFSET, size: 2, writable: command },
      { offset: PCI_CLASSCODE_OFFSET + 1, size: 2, value: classCode },
      { offset: BRIDGE_CONTROL, size: 2, writable: bridgeControl ?? 0 },
    ],
    ROOT,
  );
  const upstream = new RootUpstream(fake.rootBridgeIo);
  const tpl = new FakeTpl(fake.log);
  const attributes = new FunctionAttributes(
    tpl,
    fake.config,
    bridgeControl !== undefined,
    upstream,
    quirks ?? new Quirks('specification'),
  );
  return { fake, tpl, upstream, attributes, probed: fake.taken() };
}

describe('what a function supports (PciTestSupportedAttribute)', () => {
  test('is found out by writing the command register, which is restored, at TPL_HIGH_LEVEL', () => {
    const { probed, attributes } = world();
    expect(probed.slice(0, 6)).toEqual([
      'TPL 31',
      'R16 4',
      'W16 4 = 27',
      'R16 4',
      'W16 4 = 0',
      'TPL 4',
    ]);
    expect(attributes.supports).toBe(EFI_PCI_DEVICE_ENABLE | FREE);
  });

  test.each([
    ['IO alone', 1, 0x100],
    ['MEMORY and BUS_MASTER', 6, 0x600],
    ['palette snooping, with 16 address bits as the root bridge has it', 0x27, 0x700 | 0x20000],
  ])('%s', (_, command, supports) => {
    expect(world({ command }).attributes.supports).toBe(supports | FREE);
  });

  test('an IDE controller and a VGA have their legacy ranges, as far as the root bridge passes them', () => {
    expect(world({ classCode: 0x0101 }).attributes.supports).toBe(0x760 | FREE);
    expect(world({ classCode: 0x0300 }).attributes.supports).toBe(0x708 | 0x40000 | FREE);
    expect(world({ classCode: 0x0300, command: 6 }).attributes.supports).toBe(0x600 | FREE);
  });

  test('a bridge forwards what its bridge control register can say', () => {
    const isa = world({ bridgeControl: 0x04 }).attributes;
    expect(isa.supports).toBe(0x700 | 0x10000 | FREE);
    const vga = world({ bridgeControl: 0x18 }).attributes;
    expect(vga.supports).toBe(0x708 | 0x40000 | FREE);
  });

  test('a function behind a bridge has no more than the bridge forwards', () => {
    const bridge = world({ bridgeControl: 0 });
    const behind = new FunctionAttributes(
      bridge.tpl,
      world({ classCode: 0x0300 }).fake.config,
      false,
      bridge.attributes,
      new Quirks('specification'),
    );
    expect(behind.supports).toBe(0x700 | FREE);
  });
});

describe('the attributes at first', () => {
  test('are none in the specification; EMBEDDED_ROM, 0x4000, in EDK II', () => {
    expect(world().attributes.current).toBe(0);
    expect(world({ quirks: new Quirks('edk2') }).attributes.current).toBe(0x4000);
  });
});

describe.each(PROFILES)('Attributes (UEFI §14.4), profile %s', (profile) => {
  const quirks = new Quirks(profile);

  test('Enable of 0x8600, as a modern virtio driver asks, sets MEMORY and BUS_MASTER', () => {
    const { fake, attributes } = world({ quirks });
    const original = attributes.current;
    attributes.enable(0x8600);
    expect(attributes.current).toBe(original | 0x8600);
    expect(fake.taken()).toEqual(['R16 4', 'W16 4 = 6']);
  });

  test('Set of the original takes it all back', () => {
    const { fake, attributes } = world({ quirks });
    const original = attributes.current;
    attributes.enable(0x8600);
    fake.taken();
    attributes.set(original);
    expect(attributes.current).toBe(original);
    expect(fake.config.read(1, PCI_COMMAND_OFFSET)).toBe(0);
  });

  test('Enable of what is not supported is EFI_UNSUPPORTED, and enables nothing', () => {
    const { fake, attributes } = world({ command: 6, quirks });
    const original = attributes.current;
    for (const bits of [0x500, 0x10, 0x80000000, 0x1_0000_0000]) {
      expect(() => attributes.enable(bits)).toThrow(/EFI_UNSUPPORTED/);
      expect(() => attributes.set(bits)).toThrow(/EFI_UNSUPPORTED/);
    }
    expect(attributes.current).toBe(original);
    expect(fake.taken()).toEqual([]);
  });

  test('Disable of what is not enabled, or not supported, is no error', () => {
    const { attributes } = world({ quirks });
    attributes.enable(0x600);
    attributes.disable(0xffffffff);
    expect(attributes.current).toBe(0);
  });
});

test('QUIRK PciBusDxe.DeviceEnableForgiven: all three together are those that there are', () => {
  expect(() => world({ command: 6 }).attributes.enable(EFI_PCI_DEVICE_ENABLE)).toThrow(
    /EFI_UNSUPPORTED/,
  );
  const { attributes } = world({ command: 6, quirks: new Quirks('edk2') });
  attributes.enable(EFI_PCI_DEVICE_ENABLE);
  expect(attributes.current & EFI_PCI_DEVICE_ENABLE).toBe(0x600);
});

describe('what has to pass the bridges above', () => {
  test('is asked of the root bridge, which keeps what it had', () => {
    const { fake, attributes } = world({ classCode: 0x0101 });
    attributes.enable(0x8720);
    attributes.enable(0x40);
    expect(fake.taken().filter((line) => line.startsWith('root'))).toEqual([
      'root attributes 20',
      'root attributes 60',
    ]);
  });

  test('is forwarded by the bridges in between', () => {
    const bridge = world({ bridgeControl: 0x18 });
    const behind = new FunctionAttributes(
      bridge.tpl,
      world({ classCode: 0x0300 }).fake.config,
      false,
      bridge.attributes,
      new Quirks('specification'),
    );
    behind.enable(0x40000 | 0x8);
    expect(bridge.fake.config.read(1, BRIDGE_CONTROL)).toBe(0x18);
    expect(bridge.attributes.current).toBe(0x40008);
    expect(bridge.fake.taken()).toContain('root attributes 40008');
  });

  test('a refusal above leaves the function as it was', () => {
    const { fake, tpl, upstream } = world();
    const refusing = {
      root: upstream,
      supports: 0xffffffff,
      enable: () => {
        throw new EfiError('EFI_UNSUPPORTED', 'not through here');
      },
    };
    const quirks = new Quirks('specification');
    const attributes = new FunctionAttributes(tpl, fake.config, false, refusing, quirks);
    expect(() => attributes.enable(0x8700)).toThrow(/EFI_UNSUPPORTED: not through here/);
    expect(attributes.current).toBe(0);
    expect(fake.config.read(1, PCI_COMMAND_OFFSET)).toBe(0);
  });
});

describe('the legacy ranges of a VGA', () => {
  test('exist once behind a root bridge, until their owner gives them up', () => {
    const { upstream, tpl, attributes: first } = world({ classCode: 0x0300 });
    const second = new FunctionAttributes(
      tpl,
      world({ classCode: 0x0300 }).fake.config,
      false,
      upstream,
      new Quirks('specification'),
    );
    first.enable(0x8);
    first.enable(0x40000);
    expect(() => second.enable(0x40000)).toThrow(/EFI_UNSUPPORTED.*VGA already/);
    first.disable(0x8);
    expect(() => second.enable(0x40000)).toThrow(/EFI_UNSUPPORTED/);
    first.disable(0x40000);
    second.enable(0x40000);
    expect(second.current).toBe(0x40000);
  });
});
