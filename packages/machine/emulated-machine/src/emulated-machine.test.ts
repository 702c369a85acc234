import { PlatformFault } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from './emulated-machine.ts';
import type { Device, MachineBus } from './machine-bus.ts';
import type { MachineFinding } from './machine-finding.ts';
import { MachineSetupError } from './machine-setup-error.ts';
import { Region } from './region.ts';

const MIB = 0x10_0000;
const GIB = 1024 * MIB;

function probe(attach: (bus: MachineBus) => void): Device {
  return { name: 'probe', attach };
}

describe('RAM', () => {
  test('up to 2 GiB lie from address 0, and the rest from 4 GiB up', () => {
    const { platform } = createEmulatedMachine({ memory: 3 * GIB });
    const ram = platform.hobs.resources.filter(({ type }) => type === 'EFI_RESOURCE_SYSTEM_MEMORY');
    expect(ram).toEqual([
      { type: 'EFI_RESOURCE_SYSTEM_MEMORY', base: 0, length: 2 * GIB },
      { type: 'EFI_RESOURCE_SYSTEM_MEMORY', base: 4 * GIB, length: GIB },
    ]);
    platform.ram.writeUint32(2 * GIB - 4, 1);
    platform.ram.writeUint32(5 * GIB - 4, 2);
    expect(platform.ram.readUint32(2 * GIB - 4)).toBe(1);
    expect(platform.ram.readUint32(5 * GIB - 4)).toBe(2);
    expect(() => platform.ram.readUint32(2 * GIB - 2)).toThrow(PlatformFault);
    expect(() => platform.ram.readUint8(5 * GIB)).toThrow(PlatformFault);
  });

  test('3 GiB of it cost the host only what the guest has written', () => {
    const before = process.memoryUsage().rss;
    const { platform } = createEmulatedMachine({ memory: 3 * GIB });
    platform.ram.writeUint8(GIB, 1);
    platform.ram.writeUint8(4 * GIB, 1);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
  });

  test('below 4 GiB it can lie in storage of the caller', () => {
    const lowStorage = new Uint8Array(2 * MIB);
    const { platform } = createEmulatedMachine({ memory: MIB, lowStorage });
    platform.ram.writeUint16(0x1234, 0x5678);
    expect([...lowStorage.subarray(0x1234, 0x1236)]).toEqual([0x78, 0x56]);
    expect(() => platform.ram.readUint8(MIB)).toThrow(PlatformFault);
  });

  test.each([
    ['too little', 4096, undefined],
    ['broken pages', MIB + 1, undefined],
    ['not a number', NaN, undefined],
    ['too much', 7 * GIB, undefined],
    ['storage that is too small', 2 * MIB, new Uint8Array(MIB)],
  ])('%s is refused when the machine is built', (_, memory, lowStorage) => {
    const options = lowStorage === undefined ? { memory } : { memory, lowStorage };
    expect(() => createEmulatedMachine(options)).toThrow(MachineSetupError);
  });

  test('ranges can be given as they are', () => {
    const bytes = new Uint8Array(0x1000);
    const { platform } = createEmulatedMachine({ memory: [{ base: 0x8000_0000, bytes }] });
    platform.ram.writeUint8(0x8000_0001, 9);
    expect(bytes[1]).toBe(9);
  });

  test('an MMIO access to an address of RAM reaches RAM, and no device can hide it', () => {
    const findings: MachineFinding[] = [];
    const greedy = probe((bus) =>
      bus.mmio.add(new Region('greedy', 0x1000, 0x1000, { read: () => 0xee, write: () => {} })),
    );
    const { platform } = createEmulatedMachine({
      memory: MIB,
      devices: [greedy],
      onFinding: (finding) => findings.push(finding),
    });
    platform.ram.writeUint32(0x1000, 0x12345678);
    expect(platform.mmio.read32(0x1000)).toBe(0x12345678);
    platform.mmio.write8(0x1001, 0xff);
    platform.mmio.write16(0x1002, 0xaaaa);
    expect(platform.ram.readUint32(0x1000)).toBe(0xaaaaff78);
    expect(findings).toMatchObject([{ rule: 'machine address-conflict', device: 'greedy' }]);
  });
});

describe('the hand-off', () => {
  test('the page at address 0 is kept from use, so that a null pointer points to nothing', () => {
    const { hobs } = createEmulatedMachine({ memory: MIB }).platform;
    expect(hobs.allocations).toEqual([
      { memoryType: 'EfiReservedMemoryType', base: 0, length: 0x1000 },
    ]);
    expect(hobs).toMatchObject({ machineType: 'X64', deviceTree: undefined, pciRootBridges: [] });
  });

  test('devices describe their own part', () => {
    const hob = { type: 'EFI_RESOURCE_MEMORY_MAPPED_IO', base: 0xfe00_0000, length: 16 } as const;
    const device = probe(({ hobs }) => hobs.addResource(hob));
    const { hobs } = createEmulatedMachine({ memory: MIB, devices: [device] }).platform;
    expect(hobs.resources).toContainEqual(hob);
  });
});

describe('what nobody answers', () => {
  test('reads all-ones on ports and zero on MMIO, as on QEMU, and is reported', () => {
    const findings: MachineFinding[] = [];
    const { platform } = createEmulatedMachine({
      memory: MIB,
      onFinding: (finding) => findings.push(finding),
    });
    expect(platform.ports.read16(0x500)).toBe(0xffff);
    expect(platform.mmio.read32(0xfe00_0000)).toBe(0);
    expect(findings.map(({ device, rule }) => `${device}: ${rule}`)).toEqual([
      'port: machine access-to-nothing',
      'mmio: machine access-to-nothing',
    ]);
  });
});

describe('a device', () => {
  test('sees the time, schedules events, and reaches RAM by DMA', () => {
    let bus: MachineBus | undefined;
    const machine = createEmulatedMachine({ memory: MIB, devices: [probe((it) => (bus = it))] });
    const dma = machine.bus.createDma('probe');
    bus?.events.schedule(1000, () => dma.writeUint32(0x2000, machine.bus.now()));
    machine.platform.clock.delay(5000);
    expect(machine.platform.ram.readUint32(0x2000)).toBe(1000);
    expect(machine.dmas.map(({ requester, accesses }) => [requester, accesses])).toEqual([
      ['probe', 1],
    ]);
  });

  test('adds its state to the report of a spent budget', () => {
    const machine = createEmulatedMachine({
      memory: MIB,
      devices: [
        probe((bus) => bus.addReporter(() => ['probe: idle'])),
        probe((bus) =>
          bus.addReporter(() => ['queue 0: avail.idx 3, used.idx 2', 'queue 1: idle']),
        ),
      ],
    });
    machine.setBudget({ accesses: 10 });
    const spin = (): void => {
      for (;;) machine.platform.ports.read8(0x402);
    };
    expect(spin).toThrow(
      expect.objectContaining({
        kind: 'budget-spent',
        details: expect.objectContaining({
          report: 'probe: idle\nqueue 0: avail.idx 3, used.idx 2\nqueue 1: idle',
        }),
      }),
    );
  });

  test('blames no driver for what a device looks up for the report of a spent budget', () => {
    const rules: string[] = [];
    let queue = (): number => 0;
    const lookUp = probe((bus) => {
      const dma = bus.createDma('probe');
      queue = () => dma.readUint16(0x2000);
      bus.addReporter(() => [`index ${queue()}`]);
    });
    const machine = createEmulatedMachine({
      memory: MIB,
      privateMemory: true,
      devices: [lookUp],
      onFinding: ({ rule }) => rules.push(rule),
    });
    machine.setBudget({ accesses: 1 });
    const spin = (): void => {
      for (;;) machine.platform.ports.read8(0x402);
    };
    expect(spin).toThrow(expect.objectContaining({ kind: 'budget-spent' }));
    expect(rules).toEqual(['machine access-to-nothing']);
    queue();
    expect(rules).toEqual(['machine access-to-nothing', 'machine dma-to-private-memory']);
  });

  test('hears of a reset, which ends the world', () => {
    let resets = 0;
    const { platform } = createEmulatedMachine({
      memory: MIB,
      devices: [probe((bus) => bus.onReset(() => resets++))],
    });
    const reset = (): never => platform.reset('EfiResetCold', 'by request');
    const ended = expect.objectContaining({ kind: 'reset', message: 'by request' });
    expect(reset).toThrow(ended);
    expect(reset).toThrow(ended);
    expect(() => platform.ram.readUint8(0)).toThrow(ended);
    expect(() => platform.ports.read8(0x402)).toThrow(ended);
    expect(() => platform.mmio.write32(0, 0)).toThrow(ended);
    expect(() => platform.cycles.spend(1)).toThrow(ended);
    expect(resets).toBe(1);
  });

  test('gets the same random numbers for the same seed', () => {
    const draw = (seed: number): number[] => {
      const { random } = createEmulatedMachine({ memory: MIB, seed }).bus;
      return [random.next(), random.next(), random.next()];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(new Set(draw(0)).size).toBe(3);
  });
});

test('two machines in one process know nothing of each other', () => {
  const [one, other] = [
    createEmulatedMachine({ memory: MIB }),
    createEmulatedMachine({ memory: MIB }),
  ];
  one.platform.ram.writeUint8(0, 1);
  const ended = expect.objectContaining({ kind: 'reset' });
  expect(() => one.platform.reset('EfiResetCold', '')).toThrow(ended);
  expect(other.platform.ram.readUint8(0)).toBe(0);
});
