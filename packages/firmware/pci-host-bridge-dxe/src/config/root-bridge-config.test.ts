import { pciAddress } from '@dxelab/pci';
import type { Cpu, PciRootBridgeHob } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { FakeSpace } from '../fake-space.fixture.ts';
import { ConfigurationPorts } from './configuration-ports.ts';
import { Ecam } from './ecam.ts';
import { RootBridgeConfig } from './root-bridge-config.ts';

const ECAM = { base: 0xe0000000, length: 0x10000000 };
const HOB: PciRootBridgeHob = {
  segment: 0,
  firstBus: 1,
  lastBus: 3,
  io: { base: 0, length: 0 },
  mem32: { base: 0, length: 0 },
  mem64: undefined,
  ecam: ECAM,
  dmaAbove4G: false,
};

function throughEcam(extendedUnaligned = false) {
  const space = new FakeSpace();
  return { space, pci: new RootBridgeConfig(new Ecam(space, ECAM), HOB, extendedUnaligned) };
}

function throughPorts() {
  const space = new FakeSpace();
  const cpu: Pick<Cpu, 'setInterruptState'> = {
    setInterruptState(enabled) {
      space.log.push(enabled ? 'sti' : 'cli');
      return true;
    },
  };
  return { space, pci: new RootBridgeConfig(new ConfigurationPorts(space, cpu), HOB, false) };
}

describe('configuration mechanism #1 (PCI Local Bus 3.0 §3.2.2.3.2)', () => {
  test('selects the register and then moves the data, with interrupts disabled', () => {
    const { pci, space } = throughPorts();
    pci.write(1, pciAddress(2, 0x1f, 7, 0x46), 0xabcd);
    expect(space.taken()).toEqual(['cli', 'W32 cf8 = 8002ff44', 'W16 cfe = abcd', 'sti']);
    pci.read(0, pciAddress(1, 0, 0, 0x0f));
    expect(space.taken()).toEqual(['cli', 'W32 cf8 = 8001000c', 'R8 cff', 'sti']);
  });

  test('has no extended registers: EFI_INVALID_PARAMETER', () => {
    const { pci, space } = throughPorts();
    expect(() => pci.read(2, pciAddress(1, 0, 0, 0x100))).toThrow(/EFI_INVALID_PARAMETER/);
    expect(space.taken()).toEqual([]);
  });
});

describe('ECAM (PCI Express Base 5.0 §7.2.2)', () => {
  test('every register of every function has an address', () => {
    const { pci, space } = throughEcam();
    pci.write(2, pciAddress(2, 0x1f, 7, 0xffc), 0xabcd);
    pci.read(0, pciAddress(1, 2, 0, 0x3c));
    expect(space.taken()).toEqual(['W32 e02ffffc = abcd', 'R8 e011003c']);
  });

  test('an extended register must be aligned, but EDK II moves it byte by byte', () => {
    expect(() => throughEcam().pci.read(2, pciAddress(1, 0, 0, 0x102))).toThrow(/EFI_UNSUPPORTED/);
    const { pci, space } = throughEcam(true);
    pci.write(1, pciAddress(1, 0, 0, 0x101), 0x1234);
    expect(pci.read(1, pciAddress(1, 0, 0, 0x101))).toBe(0x1234);
    expect(space.taken()).toEqual([
      'W8 e0100101 = 34',
      'W8 e0100102 = 12',
      'R8 e0100101',
      'R8 e0100102',
    ]);
    expect(() => pci.read(2, pciAddress(1, 0, 0, 0x42))).toThrow(/EFI_UNSUPPORTED/);
  });
});

describe('what RootBridgeIoCheckParameter refuses', () => {
  test.each([
    ['a bus before the first', pciAddress(0, 0, 0, 0)],
    ['a bus behind the last', pciAddress(4, 0, 0, 0)],
    ['device 32', pciAddress(1, 32, 0, 0)],
    ['function 8', pciAddress(1, 0, 8, 0)],
    ['a register behind the last', pciAddress(1, 0, 0, 0x1000)],
    ['no address at all', -1],
  ])('%s: EFI_INVALID_PARAMETER', (_, address) => {
    const { pci, space } = throughEcam();
    expect(() => pci.read(2, address)).toThrow(/EFI_INVALID_PARAMETER/);
    expect(space.taken()).toEqual([]);
  });

  test('a register that is not aligned: EFI_UNSUPPORTED', () => {
    expect(() => throughEcam().pci.read(1, pciAddress(1, 0, 0, 3))).toThrow(/EFI_UNSUPPORTED/);
  });

  test('a buffer that would run past the end: EFI_INVALID_PARAMETER, and nothing is touched', () => {
    const { pci, space } = throughPorts();
    const buffer = new Uint8Array(8);
    expect(() => pci.readBuffer(2, pciAddress(1, 0, 0, 0xfc), 2, buffer)).toThrow(
      /EFI_INVALID_PARAMETER/,
    );
    expect(space.taken()).toEqual([]);
  });
});

test('buffers: value by value, 64 bits as two halves, the lower one first', () => {
  const { pci, space } = throughEcam();
  pci.writeBuffer(3, pciAddress(1, 0, 0, 0x48), 1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const buffer = new Uint8Array(8);
  pci.readBuffer(1, pciAddress(1, 0, 0, 0x48), 4, buffer);
  expect([...buffer]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  pci.readBuffer(8, pciAddress(1, 0, 0, 0x48), 2, buffer);
  expect(space.taken()).toEqual([
    'W32 e0100048 = 4030201',
    'W32 e010004c = 8070605',
    'R16 e0100048',
    'R16 e010004a',
    'R16 e010004c',
    'R16 e010004e',
    'R8 e0100048',
    'R8 e0100049',
  ]);
});
