import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import { describe, expect, test } from 'vitest';
import { PciBridge } from './pci-bridge.ts';
import { PciFunction } from './pci-function.ts';
import { BAR0, COMMAND, IDENTITY, Scratch, createPciMachine, ecam } from './pci-machine.fixture.ts';

class Probe extends PciFunction {
  dma: Dma | undefined;
  readonly scratch = new Scratch(0x20_0000);

  constructor(name = 'probe') {
    super({ ...IDENTITY, name });
    this.addBar(0, { kind: 'mem32', size: 0x20_0000, handler: this.scratch });
    this.addBar(1, { kind: 'io', size: 0x20, handler: this.scratch });
    this.addBar(2, { kind: 'mem64', size: 0x1000, prefetchable: true, handler: this.scratch });
  }

  protected override attached(_bus: MachineBus, dma: Dma): void {
    this.dma = dma;
  }
}

/** A probe in slot 1 behind a bridge in slot 3, which has bus number 5. */
function createBridged() {
  const [bridge, func] = [new PciBridge('bridge'), new Probe()];
  bridge.plug('01.0', func);
  const machine = createPciMachine({ '03.0': bridge });
  const { mmio, ports } = machine.platform;
  mmio.write32(ecam(3, 0x18), 0x00_07_05_00);
  const setCommand = (value: number): void => mmio.write16(ecam(3, COMMAND), value);
  setCommand(7);
  mmio.write32(ecam(1, BAR0, 5), 0xc000_0000);
  mmio.write32(ecam(1, 0x14, 5), 0x7000);
  mmio.write32(ecam(1, 0x18, 5), 0x1000);
  mmio.write32(ecam(1, 0x1c, 5), 0x9);
  mmio.write16(ecam(1, COMMAND, 5), 7);
  /** Memory window [base, limit + 1 MiB), in units of 1 MiB. */
  const setMemory = (base: number, limit: number): void =>
    mmio.write32(ecam(3, 0x20), base * 0x10 + limit * 0x10_0000);
  const setPrefetchable = (base: number, limit: number, upper = 0): void => {
    mmio.write32(ecam(3, 0x24), base * 0x10 + limit * 0x10_0000);
    mmio.write32(ecam(3, 0x28), upper);
    mmio.write32(ecam(3, 0x2c), upper);
  };
  return { ...machine, mmio, ports, func, setCommand, setMemory, setPrefetchable };
}

describe('configuration (PCI-to-PCI Bridge 1.2 §3.1.2.1)', () => {
  test('the header has type 1, and the class of a bridge', () => {
    const bridge = new PciBridge('bridge');
    expect(bridge.readConfig(0x0e, 1)).toBe(1);
    expect(bridge.readConfig(0x08, 4) >>> 8).toBe(0x060400);
  });

  test('nothing is behind a bridge whose bus has no number', () => {
    const bridge = new PciBridge('bridge');
    bridge.plug('01.0', new Probe());
    const { platform } = createPciMachine({ '03.0': bridge });
    expect(platform.mmio.read32(ecam(1, 0))).toBe(0xffff_ffff);
    expect(platform.mmio.read32(ecam(1, 0, 1))).toBe(0xffff_ffff);
  });

  test('transactions are routed by bus number', () => {
    const { mmio } = createBridged();
    expect(mmio.read32(ecam(1, 0, 5))).toBe(0x5678_1234);
    expect(mmio.read32(ecam(1, 0, 4))).toBe(0xffff_ffff);
    expect(mmio.read32(ecam(1, 0, 6))).toBe(0xffff_ffff);
    expect(mmio.read32(ecam(2, 0, 5))).toBe(0xffff_ffff);
  });

  test('a bridge behind a bridge is reached when both let its number pass', () => {
    const [outer, inner] = [new PciBridge('outer'), new PciBridge('inner')];
    inner.plug('00.0', new Probe());
    outer.plug('02.0', inner);
    const { mmio } = createPciMachine({ '01.0': outer }).platform;
    mmio.write32(ecam(1, 0x18), 0x00_02_01_00);
    mmio.write32(ecam(2, 0x18, 1), 0x00_02_02_01);
    expect(mmio.read32(ecam(0, 0, 2))).toBe(0x5678_1234);
    mmio.write8(ecam(1, 0x1a), 1);
    expect(mmio.read32(ecam(0, 0, 2))).toBe(0xffff_ffff);
  });
});

describe('windows', () => {
  test('§3.2.5.8: memory passes inside the memory window, and while memory decoding is on', () => {
    const { mmio, func, setMemory, setCommand } = createBridged();
    mmio.write8(0xc000_0000, 1);
    expect(func.scratch.bytes[0]).toBe(0);
    setMemory(0xc00, 0xc01);
    mmio.write8(0xc000_0000, 2);
    expect(func.scratch.bytes[0]).toBe(2);
    setCommand(0);
    mmio.write8(0xc000_0000, 3);
    expect(func.scratch.bytes[0]).toBe(2);
  });

  test('a BAR that reaches out of the window answers only inside it', () => {
    const { mmio, func, setMemory } = createBridged();
    setMemory(0xc01, 0xc01);
    mmio.write8(0xc000_0000, 1);
    mmio.write8(0xc010_0000, 2);
    expect([func.scratch.bytes[0], func.scratch.bytes[0x10_0000]]).toEqual([0, 2]);
  });

  test('a BAR that moves behind the window shows another part of itself', () => {
    const { mmio, func, setMemory } = createBridged();
    setMemory(0xc01, 0xc01);
    mmio.write8(0xc010_0000, 1);
    mmio.write32(ecam(1, BAR0, 5), 0xc010_0000);
    // BARs are aligned to their size: the bits below it stay 0.
    expect(mmio.read32(ecam(1, BAR0, 5))).toBe(0xc000_0000);
    mmio.write32(ecam(1, BAR0, 5), 0xc020_0000);
    setMemory(0xc02, 0xc02);
    mmio.write8(0xc020_0000, 2);
    expect([func.scratch.bytes[0x10_0000], func.scratch.bytes[0]]).toEqual([1, 2]);
  });

  test('a BAR can be seen through both windows, in two parts', () => {
    const { mmio, func, setMemory, setPrefetchable, findings } = createBridged();
    setMemory(0xc00, 0xc00);
    setPrefetchable(0xc00, 0xc01);
    mmio.write8(0xc000_0000, 1);
    mmio.write8(0xc010_0000, 2);
    expect([func.scratch.bytes[0], func.scratch.bytes[0x10_0000]]).toEqual([1, 2]);
    expect(findings).toEqual([]);
  });

  test('a limit below the base closes a window', () => {
    const { mmio, func, setMemory } = createBridged();
    setMemory(0xfff, 0x000);
    mmio.write8(0xc000_0000, 1);
    expect(func.scratch.bytes[0]).toBe(0);
  });

  test('§3.2.5.10: the prefetchable window reaches above 4 GiB', () => {
    const { mmio, func, setPrefetchable } = createBridged();
    mmio.write8(0x9_0000_1004, 1);
    expect(func.scratch.bytes[4]).toBe(0);
    setPrefetchable(0x000, 0x000, 9);
    mmio.write8(0x9_0000_1004, 2);
    expect(func.scratch.bytes[4]).toBe(2);
  });

  test('§3.2.5.6: I/O passes inside the I/O window', () => {
    const { mmio, ports, func } = createBridged();
    ports.write8(0x7004, 1);
    expect(func.scratch.bytes[4]).toBe(0);
    mmio.write16(ecam(3, 0x1c), 0x7070);
    ports.write8(0x7004, 2);
    expect(func.scratch.bytes[4]).toBe(2);
    expect(ports.read8(0x7004)).toBe(2);
  });
});

describe('a bridge behind a bridge', () => {
  function createNested() {
    const [outer, inner, func] = [new PciBridge('outer'), new PciBridge('inner'), new Probe()];
    inner.plug('00.0', func);
    outer.plug('02.0', inner);
    const machine = createPciMachine({ '01.0': outer });
    const { mmio } = machine.platform;
    mmio.write32(ecam(1, 0x18), 0x00_02_01_00);
    mmio.write32(ecam(2, 0x18, 1), 0x00_02_02_01);
    mmio.write32(ecam(0, BAR0, 2), 0xc000_0000);
    for (const config of [ecam(0, 0, 2), ecam(2, 0, 1), ecam(1, 0)]) mmio.write16(config + 4, 6);
    return { ...machine, mmio, func };
  }

  test('memory passes where the windows of both do', () => {
    const { mmio, func } = createNested();
    mmio.write32(ecam(2, 0x20, 1), 0xc010_c000);
    mmio.write8(0xc000_0000, 1);
    mmio.write32(ecam(1, 0x20), 0xc000_c000);
    mmio.write8(0xc000_0000, 2);
    mmio.write8(0xc010_0000, 3);
    expect([func.scratch.bytes[0], func.scratch.bytes[0x10_0000]]).toEqual([2, 0]);
  });

  test('DMA passes where both are bus masters', () => {
    const { mmio, func } = createNested();
    expect(func.dma?.enabled).toBe(true);
    mmio.write16(ecam(1, COMMAND), 2);
    expect(func.dma?.enabled).toBe(false);
    mmio.write16(ecam(1, COMMAND), 6);
    mmio.write16(ecam(2, COMMAND, 1), 2);
    expect(func.dma?.enabled).toBe(false);
  });

  test('a reset of the machine resets what is behind both', () => {
    const { func, platform } = createNested();
    const ended = expect.objectContaining({ kind: 'reset' });
    expect(() => platform.reset('EfiResetCold', 'by request')).toThrow(ended);
    expect(func.readConfig(COMMAND, 2)).toBe(0);
    expect(func.dma?.enabled).toBe(false);
  });
});

describe('bus mastering behind a bridge', () => {
  test('needs the bridge to be a bus master too', () => {
    const { func, setCommand } = createBridged();
    expect(func.dma?.enabled).toBe(true);
    setCommand(3);
    expect(func.dma?.enabled).toBe(false);
    setCommand(7);
    expect(func.dma?.enabled).toBe(true);
  });
});

test('§3.2.5.17: a secondary bus reset resets what is behind the bridge', () => {
  const { mmio } = createBridged();
  mmio.write16(ecam(3, 0x3e), 0x40);
  mmio.write16(ecam(3, 0x3e), 0);
  expect(mmio.read16(ecam(1, COMMAND, 5))).toBe(0);
  expect(mmio.read16(ecam(3, COMMAND))).toBe(7);
});
