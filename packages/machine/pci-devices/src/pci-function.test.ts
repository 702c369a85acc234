import { MachineSetupError } from '@dxelab/emulated-machine';
import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import { describe, expect, test } from 'vitest';
import { PciFunction } from './pci-function.ts';
import { BAR0, COMMAND, IDENTITY, Scratch, createPciMachine, ecam } from './pci-machine.fixture.ts';

/** A function whose insides a test can reach. */
class Probe extends PciFunction {
  dma: Dma | undefined;
  resets = 0;

  constructor(interruptPin = 0, express = false) {
    super({ ...IDENTITY, interruptPin, express });
  }

  protected override attached(_bus: MachineBus, dma: Dma): void {
    this.dma = dma;
  }

  protected override onReset(): void {
    this.resets++;
  }
}

describe('the header (PCI 3.0 §6.1)', () => {
  test('says who the function is', () => {
    const func = new PciFunction({
      ...IDENTITY,
      revisionId: 1,
      subsystemVendorId: 0xaaaa,
      subsystemId: 0xbbbb,
      interruptPin: 1,
    });
    expect(func.readConfig(0x00, 4)).toBe(0x5678_1234);
    expect(func.readConfig(0x08, 4)).toBe(0xff01_0201);
    expect(func.readConfig(0x0e, 1)).toBe(0x00);
    expect(func.readConfig(0x2c, 4)).toBe(0xbbbb_aaaa);
    expect(func.readConfig(0x3d, 1)).toBe(1);
  });

  test('§6.2.1: identification cannot be written', () => {
    const func = new PciFunction(IDENTITY);
    const before = [0x00, 0x08, 0x0c, 0x2c].map((offset) => func.readConfig(offset, 4));
    for (const offset of [0x00, 0x08, 0x0c, 0x2c]) func.writeConfig(offset, 4, 0xffff_ffff);
    expect([0x00, 0x08, 0x0c, 0x2c].map((offset) => func.readConfig(offset, 4))).toEqual(before);
  });

  test('§6.2.2: I/O, memory, bus master and INTx disable stick in the command register', () => {
    const func = new PciFunction(IDENTITY);
    func.writeConfig(COMMAND, 2, 0xffff);
    expect(func.readConfig(COMMAND, 2)).toBe(0x0407);
    func.writeConfig(COMMAND, 2, 0);
    expect(func.readConfig(COMMAND, 2)).toBe(0);
  });

  test('§6.2.4: the interrupt line is for software to keep', () => {
    const func = new PciFunction(IDENTITY);
    func.writeConfig(0x3c, 1, 0xff);
    expect(func.readConfig(0x3c, 1)).toBe(0xff);
  });
});

describe('base address registers (PCI 3.0 §6.2.5.1)', () => {
  const size = (func: PciFunction, register: number): number => {
    func.writeConfig(register, 4, 0xffff_ffff);
    return func.readConfig(register, 4);
  };

  test('are sized by writing ones', () => {
    const func = new PciFunction(IDENTITY);
    func.addBar(0, { kind: 'io', size: 0x20, handler: new Scratch(0x20) });
    func.addBar(1, { kind: 'mem32', size: 0x1000, handler: new Scratch(16) });
    func.addBar(2, { kind: 'mem32', size: 16, prefetchable: true, handler: new Scratch(16) });
    func.addBar(4, { kind: 'mem64', size: 0x4000, prefetchable: true, handler: new Scratch(16) });
    expect([0x10, 0x14, 0x18, 0x1c, 0x20, 0x24].map((bar) => size(func, bar))).toEqual([
      0xffff_ffe1, 0xffff_f000, 0xffff_fff8, 0, 0xffff_c00c, 0xffff_ffff,
    ]);
  });

  test('of 4 GiB and more are sized in the upper register', () => {
    const func = new PciFunction(IDENTITY);
    func.addBar(0, { kind: 'mem64', size: 2 ** 33, handler: new Scratch(16) });
    expect(size(func, 0x10)).toBe(0x0000_0004);
    expect(size(func, 0x14)).toBe(0xffff_fffe);
  });

  test.each([
    ['no power of two', 0, { kind: 'mem32', size: 0x1001 }],
    ['too small', 0, { kind: 'mem32', size: 8 }],
    ['too large for I/O', 0, { kind: 'io', size: 512 }],
    ['too large for 32 bits', 0, { kind: 'mem32', size: 2 ** 32 }],
    ['the last register, for 64 bits', 5, { kind: 'mem64', size: 16 }],
    ['no register', 6, { kind: 'mem32', size: 16 }],
    ['a register that is taken', 3, { kind: 'mem32', size: 16 }],
    ['a pair of which one is taken', 1, { kind: 'mem64', size: 16 }],
  ] as const)('%s is refused when the device is built', (_, index, options) => {
    const func = new PciFunction(IDENTITY);
    func.addBar(2, { kind: 'mem64', size: 16, handler: new Scratch(16) });
    const handler = new Scratch(16);
    expect(() => func.addBar(index, { ...options, handler })).toThrow(MachineSetupError);
  });

  test('answer where they are placed, while memory decoding is on', () => {
    const func = new Probe();
    const scratch = new Scratch(0x1000);
    func.addBar(0, { kind: 'mem32', size: 0x1000, handler: scratch });
    const { platform } = createPciMachine({ '02.0': func });
    const { mmio } = platform;
    mmio.write32(ecam(2, BAR0), 0xc000_0000);
    mmio.write32(0xc000_0010, 1);
    expect(scratch.bytes[0x10]).toBe(0);
    mmio.write16(ecam(2, COMMAND), 2);
    mmio.write32(0xc000_0010, 0x12345678);
    expect(scratch.read(0x10, 4)).toBe(0x12345678);
    mmio.write32(ecam(2, BAR0), 0xc100_0000);
    expect(mmio.read32(0xc000_0010)).toBe(0);
    expect(mmio.read16(0xc100_0010)).toBe(0x5678);
    mmio.write16(ecam(2, COMMAND), 0);
    expect(mmio.read16(0xc100_0010)).toBe(0);
  });

  test('answer above 4 GiB when they have 64 bits', () => {
    const func = new Probe();
    func.addBar(4, { kind: 'mem64', size: 0x1000, handler: new Scratch(0x1000) });
    const { platform } = createPciMachine({ '02.0': func });
    const { mmio } = platform;
    mmio.write32(ecam(2, 0x20), 0x0000_4000);
    mmio.write32(ecam(2, 0x24), 0x8);
    mmio.write16(ecam(2, COMMAND), 2);
    mmio.write64(0x8_0000_4008, 0x1122_3344_5566_7788n);
    expect(mmio.read64(0x8_0000_4008)).toBe(0x1122_3344_5566_7788n);
  });

  test('answer on ports while I/O decoding is on', () => {
    const func = new Probe();
    func.addBar(0, { kind: 'io', size: 0x20, handler: new Scratch(0x20) });
    const { platform } = createPciMachine({ '02.0': func });
    platform.mmio.write32(ecam(2, BAR0), 0x6000);
    platform.ports.write16(0x6004, 0x1234);
    expect(platform.ports.read16(0x6004)).toBe(0xffff);
    platform.mmio.write16(ecam(2, COMMAND), 1);
    platform.ports.write16(0x6004, 0x1234);
    expect(platform.ports.read16(0x6004)).toBe(0x1234);
  });

  test('nothing answers at address 0, nor while the register holds what sizing wrote', () => {
    const func = new Probe();
    func.addBar(0, { kind: 'mem32', size: 0x1000, handler: new Scratch(0x1000) });
    func.addBar(4, { kind: 'mem64', size: 0x1000, handler: new Scratch(0x1000) });
    const { platform, bus, findings } = createPciMachine({ '02.0': func });
    const before = bus.mmio.regions.length;
    platform.mmio.write16(ecam(2, COMMAND), 2);
    for (const register of [0x10, 0x20, 0x24]) {
      platform.mmio.write32(ecam(2, register), 0xffff_ffff);
    }
    expect(bus.mmio.regions).toHaveLength(before);
    expect(findings).toEqual([]);
  });

  test('two at one address: the first keeps answering, the other takes over when it goes', () => {
    const [one, other] = [new Probe(), new Probe()];
    const [first, second] = [new Scratch(0x1000), new Scratch(0x1000)];
    one.addBar(0, { kind: 'mem32', size: 0x1000, handler: first });
    other.addBar(0, { kind: 'mem32', size: 0x1000, handler: second });
    const { platform, findings } = createPciMachine({ '02.0': one, '03.0': other });
    for (const slot of [2, 3]) {
      platform.mmio.write32(ecam(slot, BAR0), 0xc000_0000);
      platform.mmio.write16(ecam(slot, COMMAND), 2);
    }
    platform.mmio.write8(0xc000_0000, 1);
    platform.mmio.write16(ecam(2, COMMAND), 0);
    platform.mmio.write8(0xc000_0000, 2);
    expect([first.bytes[0], second.bytes[0]]).toEqual([1, 2]);
    expect(findings.map(({ rule }) => rule)).toEqual(['machine address-conflict']);
  });
});

describe('the capability list (PCI 3.0 §6.7)', () => {
  test('is absent from a function without capabilities', () => {
    const func = new PciFunction(IDENTITY);
    expect(func.readConfig(0x06, 2) & 0x10).toBe(0);
    expect(func.readConfig(0x34, 1)).toBe(0);
  });

  test('links the newest capability first, each dword-aligned', () => {
    const func = new PciFunction(IDENTITY);
    func.addCapability({ id: 0x09, body: Uint8Array.of(5, 0xaa, 0xbb) });
    func.addCapability({ id: 0x01, body: new Uint8Array(6) });
    expect(func.readConfig(0x06, 2) & 0x10).toBe(0x10);
    expect(func.readConfig(0x34, 1)).toBe(0x48);
    expect(func.readConfig(0x48, 2)).toBe(0x4001);
    expect(func.readConfig(0x40, 4)).toBe(0xaa05_0009);
    expect(func.readConfig(0x44, 1)).toBe(0xbb);
  });

  test('a capability sees what is read and written of it', () => {
    const func = new PciFunction(IDENTITY);
    const log: string[] = [];
    func.addCapability({ id: 0x01, body: new Uint8Array(2) });
    func.addCapability({
      id: 0x09,
      body: new Uint8Array(6),
      writable: Uint8Array.of(0, 0, 0xff, 0, 0, 0),
      beforeRead: (offset, width) => log.push(`R${8 * width} +${offset}`),
      afterWrite: (offset, width) => log.push(`W${8 * width} +${offset}`),
    });
    func.writeConfig(0x48, 4, 0xffff_ffff);
    expect(func.readConfig(0x48, 4)).toBe(0xff);
    func.readConfig(0x40, 4);
    expect(log).toEqual(['W32 +4', 'R32 +4']);
  });

  test('configuration space can be full', () => {
    const func = new PciFunction(IDENTITY);
    func.addCapability({ id: 0x09, body: new Uint8Array(0x100 - 0x40 - 2) });
    expect(() => func.addCapability({ id: 0x09, body: new Uint8Array(2) })).toThrow(
      MachineSetupError,
    );
  });

  test('PCI Express: the capability, and 4096 bytes of configuration space', () => {
    const { platform } = createPciMachine({ '02.0': new Probe(0, true), '03.0': new Probe() });
    expect(platform.mmio.read8(ecam(2, 0x40))).toBe(0x10);
    expect(platform.mmio.read32(ecam(2, 0x100))).toBe(0);
    expect(platform.mmio.read32(ecam(3, 0x100))).toBe(0xffff_ffff);
  });
});

describe('bus mastering (PCI 3.0 §6.2.2)', () => {
  test('DMA passes only while it is enabled', () => {
    const func = new Probe();
    const { platform, findings } = createPciMachine({ '02.0': func });
    func.dma?.writeUint32(0x2000, 1);
    expect(findings).toMatchObject([{ rule: 'PCI-3.0 6.2.2', device: 'probe' }]);
    platform.mmio.write16(ecam(2, COMMAND), 4);
    func.dma?.writeUint32(0x2000, 2);
    expect(platform.ram.readUint32(0x2000)).toBe(2);
    platform.mmio.write16(ecam(2, COMMAND), 0);
    expect(func.dma?.readUint32(0x2000)).toBe(0xffff_ffff);
  });
});

describe('the interrupt pin', () => {
  test('drives its line, and shows in the status register', () => {
    const func = new Probe(1);
    const { bus, platform } = createPciMachine({ '02.0': func });
    func.setInterruptLine(true);
    expect(bus.interrupts.of('probe')).toMatchObject({ asserted: true, assertions: 1 });
    expect(platform.mmio.read16(ecam(2, 0x06)) & 0x08).toBe(0x08);
    func.setInterruptLine(false);
    expect(bus.interrupts.of('probe').asserted).toBe(false);
    expect(platform.mmio.read16(ecam(2, 0x06)) & 0x08).toBe(0);
  });

  test('§6.2.2: is silent while disabled by the command register', () => {
    const func = new Probe(1);
    const { bus, platform } = createPciMachine({ '02.0': func });
    platform.mmio.write16(ecam(2, COMMAND), 0x400);
    func.setInterruptLine(true);
    expect(bus.interrupts.of('probe').asserted).toBe(false);
    expect(platform.mmio.read16(ecam(2, 0x06)) & 0x08).toBe(0x08);
    platform.mmio.write16(ecam(2, COMMAND), 0);
    expect(bus.interrupts.of('probe').asserted).toBe(true);
  });

  test('a function without a pin drives nothing', () => {
    const func = new Probe(0);
    const { bus } = createPciMachine({ '02.0': func });
    func.setInterruptLine(true);
    expect(bus.interrupts.of('probe').assertions).toBe(0);
  });
});

test('a reset brings every register back, and unmaps', () => {
  const func = new Probe();
  func.addBar(0, { kind: 'mem32', size: 0x1000, handler: new Scratch(0x1000) });
  const { platform, bus } = createPciMachine({ '02.0': func });
  const before = bus.mmio.regions.length;
  platform.mmio.write32(ecam(2, BAR0), 0xc000_0000);
  platform.mmio.write16(ecam(2, COMMAND), 6);
  expect(bus.mmio.regions).toHaveLength(before + 1);
  func.reset();
  expect(bus.mmio.regions).toHaveLength(before);
  expect(func.readConfig(COMMAND, 2)).toBe(0);
  expect(func.readConfig(BAR0, 4)).toBe(0);
  expect(func.dma?.enabled).toBe(false);
  expect(func.resets).toBe(1);
});
