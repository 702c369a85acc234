import { MachineSetupError, createEmulatedMachine } from '@dxelab/emulated-machine';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PciBridge } from './pci-bridge.ts';
import { PciFunction } from './pci-function.ts';
import { PciHostBridge } from './pci-host-bridge.ts';
import { IDENTITY, Scratch, createPciMachine, ecam } from './pci-machine.fixture.ts';

const GIB = 2 ** 30;

describe('configuration by ports (PCI 3.0 §3.2.2.3.2)', () => {
  const address = (device: number, register: number): number =>
    0x8000_0000 + device * 0x800 + register;

  test('0xCF8 selects, 0xCFC moves bytes, words and dwords', () => {
    const { ports } = createPciMachine({ '02.0': new PciFunction(IDENTITY) }).platform;
    ports.write32(0xcf8, address(2, 0));
    expect(ports.read32(0xcfc)).toBe(0x5678_1234);
    expect(ports.read16(0xcfe)).toBe(0x5678);
    expect([0, 1, 2, 3].map((byte) => ports.read8(0xcfc + byte))).toEqual([0x34, 0x12, 0x78, 0x56]);
    ports.write32(0xcf8, address(2, 0x3c));
    ports.write8(0xcfc, 0x0b);
    expect(ports.read8(0xcfc)).toBe(0x0b);
  });

  test('the address reads back without its reserved bits', () => {
    const { ports } = createPciMachine({}).platform;
    ports.write32(0xcf8, 0xffff_ffff);
    expect(ports.read32(0xcf8)).toBe(0x80ff_fffc);
  });

  test('only a dword reaches the address', () => {
    const { ports } = createPciMachine({}).platform;
    ports.write32(0xcf8, address(0, 0));
    ports.write8(0xcf8, 0x40);
    ports.write16(0xcfa, 0x1234);
    expect(ports.read32(0xcf8)).toBe(address(0, 0));
    expect(ports.read8(0xcf9)).toBe(0xff);
  });

  test('without the enable bit nothing answers', () => {
    const { ports } = createPciMachine({}).platform;
    ports.write32(0xcf8, 0);
    expect(ports.read32(0xcfc)).toBe(0xffff_ffff);
    expect(ports.read8(0xcfd)).toBe(0xff);
  });

  test('absent functions read as all-ones', () => {
    const { ports, mmio } = createPciMachine({}).platform;
    ports.write32(0xcf8, address(31, 0));
    expect(ports.read32(0xcfc)).toBe(0xffff_ffff);
    ports.write32(0xcfc, 0);
    expect(mmio.read16(ecam(31, 0))).toBe(0xffff);
    expect(mmio.read8(ecam(0, 0, 255))).toBe(0xff);
  });
});

describe('ECAM (PCIe §7.2.2)', () => {
  test('reaches the same registers, and the extended ones', () => {
    const func = new PciFunction({ ...IDENTITY, express: true });
    const { platform } = createPciMachine({ '02.0': func });
    const { mmio, ports } = platform;
    mmio.write8(ecam(2, 0x3c), 0x0a);
    ports.write32(0xcf8, 0x8000_1000 + 0x3c);
    expect(ports.read8(0xcfc)).toBe(0x0a);
    expect(mmio.read32(ecam(2, 0))).toBe(0x5678_1234);
    expect(mmio.read32(ecam(2, 0xffc))).toBe(0);
  });

  test('every access is traced, whichever way it came', () => {
    const events: string[] = [];
    const { mmio, ports } = createPciMachine(
      { '02.1': new PciFunction(IDENTITY), '02.0': new PciFunction(IDENTITY) },
      (name, fields) => {
        if (name.startsWith('pci_cfg')) events.push(`${name} ${JSON.stringify(fields)}`);
      },
    ).platform;
    mmio.read16(ecam(2, 2, 0, 1));
    ports.write32(0xcf8, 0x8000_1104);
    ports.write16(0xcfc, 7);
    expect(events).toEqual([
      'pci_cfg_read {"device":"probe","bus":0,"slot":2,"function":1,"offset":2,"size":2,"value":22136}',
      'pci_cfg_write {"device":"probe","bus":0,"slot":2,"function":1,"offset":4,"size":2,"value":7}',
    ]);
  });
});

describe('slots', () => {
  test('00.0 is the host bridge of a q35, and knows where ECAM is', () => {
    const { mmio } = createPciMachine({}).platform;
    expect(mmio.read32(ecam(0, 0))).toBe(0x29c0_8086);
    expect(mmio.read32(ecam(0, 0x60))).toBe(0xe000_0001);
  });

  test.each([
    ['taken by the host bridge', '00:00.0'],
    ['taken by another device', '02.0'],
    ['taken, in other words', '0000:00:02.0'],
    ['not there', '20.0'],
    ['no slot at all', 'two'],
    ['of a function that cannot be', '02.8'],
  ])('a slot that is %s is refused', (_, slot) => {
    const bridge = new PciHostBridge();
    bridge.plug('2', new PciFunction({ ...IDENTITY, name: 'first' }));
    const plug = (): void => bridge.plug(slot, new PciFunction(IDENTITY));
    expect(plug).toThrow(MachineSetupError);
  });

  test('the message of a clash names both devices and the slot', () => {
    const bridge = new PciHostBridge();
    bridge.plug('02.0', new PciFunction({ ...IDENTITY, name: 'disk' }));
    expect(() => bridge.plug('02.0', new PciFunction({ ...IDENTITY, name: 'net' }))).toThrow(
      'slot 02.0 of bus 00 is taken by disk: net needs another',
    );
  });

  test('several functions of a device show in the header of the first', () => {
    const { mmio } = createPciMachine({
      '02.0': new PciFunction(IDENTITY),
      '02.3': new PciFunction(IDENTITY),
      '03.0': new PciFunction(IDENTITY),
    }).platform;
    expect(mmio.read8(ecam(2, 0x0e))).toBe(0x80);
    expect(mmio.read8(ecam(3, 0x0e))).toBe(0x00);
    expect(mmio.read32(ecam(2, 0, 0, 3))).toBe(0x5678_1234);
  });

  test('a device without function 0 is refused: nobody would find it', () => {
    expect(() => createPciMachine({ '02.1': new PciFunction(IDENTITY) })).toThrow(
      'slot 02.0 of bus 00: function 0 is missing',
    );
  });
});

describe('the apertures (OvmfPkg PlatformInitLib, q35)', () => {
  const apertures = (memory: number) => {
    const { hobs } = createEmulatedMachine({ memory, devices: [new PciHostBridge()] }).platform;
    return hobs.pciRootBridges[0];
  };

  test('lie around RAM', () => {
    expect(apertures(GIB / 4)).toEqual({
      segment: 0,
      firstBus: 0,
      lastBus: 255,
      io: { base: 0x6000, length: 0xa000 },
      mem32: { base: 0x8000_0000, length: 0x6000_0000 },
      mem64: { base: 0x8_0000_0000, length: 0x8_0000_0000 },
      ecam: { base: 0xe000_0000, length: 0x1000_0000 },
      dmaAbove4G: true,
    });
  });

  test.each([GIB / 4, 2 * GIB, 3 * GIB, 6 * GIB])('never overlap %i bytes of it', (memory) => {
    const machine = createEmulatedMachine({ memory, devices: [new PciHostBridge()] });
    const ranges = machine.platform.hobs.resources
      .filter(({ type }) => type !== 'EFI_RESOURCE_IO')
      .toSorted((a, b) => a.base - b.base);
    expect(ranges.length).toBeGreaterThanOrEqual(4);
    for (const [index, { base, length }] of ranges.entries()) {
      expect(ranges[index + 1]?.base ?? Infinity).toBeGreaterThanOrEqual(base + length);
    }
  });
});

test('whatever a driver does to registers, BARs and ports, nothing throws and the machine goes on', () => {
  const functions = (): Record<string, PciFunction> => {
    const [probe, behind, bridge] = [
      new PciFunction({ ...IDENTITY, express: true, interruptPin: 1 }),
      new PciFunction(IDENTITY),
      new PciBridge('bridge'),
    ];
    probe.addBar(0, { kind: 'mem32', size: 0x1000, handler: new Scratch(0x1000) });
    probe.addBar(2, { kind: 'io', size: 0x40, handler: new Scratch(0x40) });
    probe.addBar(4, { kind: 'mem64', size: 0x4000, handler: new Scratch(0x4000) });
    probe.addMsix(1, 4);
    behind.addBar(0, { kind: 'mem64', size: 2 ** 33, handler: new Scratch(16) });
    behind.addBar(2, { kind: 'mem32', size: 0x10_0000, handler: new Scratch(16) });
    bridge.plug('00.0', behind);
    return { '02.0': probe, '03.0': bridge };
  };
  const offset = fc.oneof(fc.nat(0x48), fc.nat(0xfff));
  const value = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 7, 0xffff_ffff, 0xc000_0000));
  const step = fc.record({
    kind: fc.constantFrom('ecam', 'ports', 'mmio', 'port', 'signal'),
    bus: fc.nat(3),
    slot: fc.nat(4),
    offset,
    width: fc.constantFrom(1, 2, 4),
    write: fc.boolean(),
    value,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const plugged = functions();
      const { platform } = createPciMachine(plugged);
      for (const { kind, bus, slot, offset: register, width, write, value: data } of steps) {
        if (kind === 'signal') {
          plugged['02.0']?.signalMsix(data);
          plugged['02.0']?.setInterruptLine(write);
          continue;
        }
        if (kind === 'ports') platform.ports.write32(0xcf8, data | 0x8000_0000);
        const space = kind === 'ports' || kind === 'port' ? platform.ports : platform.mmio;
        const at = {
          ecam: ecam(slot, register, bus),
          ports: 0xcfc + (register & 3),
          mmio: data + register,
          port: (data + register) & 0xffff,
        }[kind];
        let read = 0;
        if (width === 1) read = write ? (space.write8(at, data), 0) : space.read8(at);
        else if (width === 2) read = write ? (space.write16(at, data), 0) : space.read16(at);
        else read = write ? (space.write32(at, data), 0) : space.read32(at);
        expect(read).toBeGreaterThanOrEqual(0);
        expect(read).toBeLessThan(2 ** (8 * width));
      }
      expect(platform.mmio.read32(ecam(2, 0))).toBe(0x5678_1234);
    }),
  );
});
