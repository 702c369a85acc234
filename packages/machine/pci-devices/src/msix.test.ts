import { MachineSetupError } from '@dxelab/emulated-machine';
import { describe, expect, test } from 'vitest';
import { PciFunction } from './pci-function.ts';
import { BAR0, COMMAND, IDENTITY, createPciMachine, ecam } from './pci-machine.fixture.ts';

const TABLE = 0xc000_0000;
const PBA = TABLE + 0x800;
const CONTROL = 0x42;
const ENABLE = 0x8000;
const FUNCTION_MASK = 0x4000;
const MESSAGE = 0xfee0_1000;

/** A function with three vectors, its table mapped, each vector programmed with data 0x40 + n. */
function createMsix() {
  const func = new PciFunction({ ...IDENTITY, interruptPin: 1 });
  func.addMsix(0, 3);
  const machine = createPciMachine({ '02.0': func });
  const { mmio } = machine.platform;
  mmio.write32(ecam(2, BAR0), TABLE);
  mmio.write16(ecam(2, COMMAND), 6);
  const setMasked = (vector: number, masked: boolean): void =>
    mmio.write32(TABLE + 16 * vector + 12, masked ? 1 : 0);
  const setControl = (value: number): void => mmio.write16(ecam(2, CONTROL), value);
  for (const vector of [0, 1, 2]) {
    mmio.write32(TABLE + 16 * vector, MESSAGE);
    mmio.write32(TABLE + 16 * vector + 4, 0);
    mmio.write32(TABLE + 16 * vector + 8, 0x40 + vector);
  }
  const record = machine.bus.interrupts.of('probe');
  return { ...machine, mmio, func, setMasked, setControl, record };
}

describe('MSI-X (PCI 3.0 §6.8.2)', () => {
  test('its capability says how many vectors there are, and where table and pending bits lie', () => {
    const { mmio } = createMsix();
    expect(mmio.read8(ecam(2, 0x40))).toBe(0x11);
    expect(mmio.read16(ecam(2, CONTROL))).toBe(2);
    expect(mmio.read32(ecam(2, 0x44))).toBe(0);
    expect(mmio.read32(ecam(2, 0x48))).toBe(0x800);
  });

  test('§6.8.2.9: every vector is masked after reset', () => {
    const { mmio } = createMsix();
    expect([0, 1, 2].map((vector) => mmio.read32(TABLE + 16 * vector + 12))).toEqual([1, 1, 1]);
  });

  test('a vector that is not masked sends its message', () => {
    const { func, setControl, setMasked, record } = createMsix();
    setControl(ENABLE);
    setMasked(1, false);
    func.signalMsix(1);
    expect(record).toMatchObject({ messages: 1, lastData: 0x41 });
  });

  test('§6.8.2.10: a masked vector is pending, and sends its message once when it is unmasked', () => {
    const { func, mmio, setControl, setMasked, record } = createMsix();
    setControl(ENABLE);
    func.signalMsix(2);
    func.signalMsix(2);
    expect(record.messages).toBe(0);
    expect(mmio.read32(PBA)).toBe(0b100);
    setMasked(2, false);
    expect(record).toMatchObject({ messages: 1, lastData: 0x42 });
    expect(mmio.read32(PBA)).toBe(0);
  });

  test('the function mask masks all vectors', () => {
    const { func, setControl, setMasked, record } = createMsix();
    setMasked(0, false);
    setControl(ENABLE | FUNCTION_MASK);
    func.signalMsix(0);
    expect(record.messages).toBe(0);
    setControl(ENABLE);
    expect(record.messages).toBe(1);
  });

  test('while it is disabled, nothing is sent and nothing becomes pending', () => {
    const { func, mmio, setMasked, record } = createMsix();
    setMasked(0, false);
    func.signalMsix(0);
    expect(record.messages).toBe(0);
    expect(mmio.read32(PBA)).toBe(0);
    expect(func.msixEnabled).toBe(false);
  });

  test('while it is enabled, the pin is not used', () => {
    const { func, setControl, record } = createMsix();
    func.setInterruptLine(true);
    expect(record.asserted).toBe(true);
    setControl(ENABLE);
    expect(func.msixEnabled).toBe(true);
    expect(record.asserted).toBe(false);
  });

  test('a vector that does not exist is ignored', () => {
    const { func, setControl, record } = createMsix();
    setControl(ENABLE);
    func.signalMsix(3);
    func.signalMsix(0xffff);
    expect(record.messages).toBe(0);
  });

  test('a message is a memory write: elsewhere than at the interrupt controller it lands in RAM', () => {
    const { func, mmio, platform, setControl, setMasked, record } = createMsix();
    mmio.write32(TABLE, 0x3000);
    setControl(ENABLE);
    setMasked(0, false);
    func.signalMsix(0);
    expect(platform.ram.readUint32(0x3000)).toBe(0x40);
    expect(record.messages).toBe(0);
  });

  test('a message needs bus mastering', () => {
    const { func, mmio, findings, setControl, setMasked, record } = createMsix();
    setControl(ENABLE);
    setMasked(0, false);
    mmio.write16(ecam(2, COMMAND), 2);
    func.signalMsix(0);
    expect(record.messages).toBe(0);
    expect(findings).toMatchObject([{ rule: 'PCI-3.0 6.2.2' }]);
  });

  test('a reset switches it off, masks every vector and forgets what was pending', () => {
    const { func, mmio, setControl, setMasked, record } = createMsix();
    setControl(ENABLE);
    setMasked(0, false);
    func.signalMsix(1);
    func.reset();
    expect(func.msixEnabled).toBe(false);
    mmio.write32(ecam(2, BAR0), TABLE);
    mmio.write16(ecam(2, COMMAND), 6);
    setControl(ENABLE);
    expect([mmio.read32(PBA), mmio.read32(TABLE), mmio.read32(TABLE + 12)]).toEqual([0, 0, 1]);
    func.signalMsix(0);
    expect(record.messages).toBe(0);
  });

  test('pending bits cannot be written, and writes behind the table do nothing', () => {
    const { mmio } = createMsix();
    mmio.write32(PBA, 0xffff_ffff);
    mmio.write32(TABLE + 48, 0xffff_ffff);
    expect(mmio.read32(PBA)).toBe(0);
    expect(mmio.read32(TABLE + 48)).toBe(0);
  });

  test.each([0, 129])('%i vectors are refused when the device is built', (vectors) => {
    expect(() => new PciFunction(IDENTITY).addMsix(1, vectors)).toThrow(MachineSetupError);
  });
});
