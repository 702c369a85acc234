import { describe, expect, test } from 'vitest';
import { qemuVirtioRng } from './launch/qemu-device.ts';
import { QemuError } from './qemu-error.ts';
import { testMachine, thrownBy, whyNoQemu } from './test-qemu.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const MIB = 2 ** 20;

describe.skipIf(skip !== undefined)(`a machine that is switched on ${skip ?? ''}`, () => {
  test.for(['shared', 'qtest'] as const)(
    'RAM of every width, in bytes and in blocks: %s',
    (ram) => {
      using machine = testMachine({ ram });
      const { ram: memory, mmio } = machine.platform;
      memory.writeUint32(0x1000, 0x8765_4321);
      expect(memory.readUint32(0x1000)).toBe(0x8765_4321);
      expect(memory.readUint16(0x1002)).toBe(0x8765);
      expect(memory.readUint8(0x1001)).toBe(0x43);
      memory.writeUint16(0x1000, 0xfedc);
      memory.writeUint8(0x1003, 0xaa);
      expect(memory.readUint32(0x1000)).toBe(0xaa65_fedc);
      // QEMU's own view of the same bytes.
      expect(mmio.read32(0x1000)).toBe(0xaa65_fedc);
      mmio.write64(0x1000, 0x1122_3344_5566_7788n);
      expect(memory.readBigUint64(0x1000)).toBe(0x1122_3344_5566_7788n);
      expect(mmio.read64(0x1000)).toBe(0x1122_3344_5566_7788n);

      const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7) & 0xff);
      memory.writeBytes(0x20_0001, bytes);
      memory.copy(0x20_0003, 0x20_0001, bytes.length);
      const copied = new Uint8Array(bytes.length);
      memory.readBytes(0x20_0003, copied);
      expect(Buffer.compare(copied, bytes)).toBe(0);
      memory.fill(0x20_0000, bytes.length, 0x5a);
      memory.readBytes(0x20_0000, copied);
      expect(copied.every((byte) => byte === 0x5a)).toBe(true);
      memory.readBytes(0x1000, new Uint8Array(0));
    },
  );

  test.for(['shared', 'qtest'] as const)('what is no RAM is a fault: %s', (ram) => {
    using machine = testMachine({ ram });
    const { ram: memory } = machine.platform;
    const fault = expect.objectContaining({ name: 'PlatformFault' });
    for (const address of [
      -1,
      0x9_fffe,
      0xa_0000,
      0xf_ffff,
      16 * MIB - 2,
      2 ** 32,
      0.5 + 16 * MIB,
    ]) {
      expect(() => memory.readUint32(address)).toThrow(fault);
      expect(() => memory.writeUint32(address, 0)).toThrow(fault);
    }
    expect(() => memory.readBytes(0x9_0000, new Uint8Array(0x2_0000))).toThrow(fault);
    expect(() => memory.fill(16 * MIB - 1, 2, 0)).toThrow(fault);
    memory.writeUint32(16 * MIB - 4, 7);
    expect(memory.readUint32(16 * MIB - 4)).toBe(7);
  });

  test.for([
    ['q35', 3072 * MIB, [0xa_0000, 2048 * MIB, 5120 * MIB]],
    ['pc', 2050 * MIB, [0xa_0000, 2048 * MIB, 4098 * MIB]],
    ['microvm', 2050 * MIB, [0xa_0000, 2050 * MIB]],
    ['q35', 17 * MIB, [0xa_0000, 17 * MIB]],
  ] as const)('RAM is where the HOBs say: %s with %d bytes', ([kind, memory, ends]) => {
    using machine = testMachine({ machine: kind, memory });
    const { hobs, ram, mmio } = machine.platform;
    const ranges = hobs.resources.filter(({ type }) => type === 'EFI_RESOURCE_SYSTEM_MEMORY');
    expect(ranges.map(({ base, length }) => base + length)).toEqual(ends);
    for (const [index, { base, length }] of ranges.entries()) {
      for (const address of [base, base + length - 4]) {
        ram.writeUint32(address, index + address / 4);
        expect(mmio.read32(address)).toBe((index + address / 4) >>> 0);
      }
    }
  });

  test('ports and registers of every width: the reset values of q35', () => {
    using machine = testMachine();
    const { ports, mmio, hobs } = machine.platform;
    ports.write32(0xcf8, 0x8000_0000);
    expect([ports.read8(0xcfc), ports.read16(0xcfe), ports.read32(0xcfc)]).toEqual([
      0x86, 0x29c0, 0x29c0_8086,
    ]);
    const ecam = hobs.pciRootBridges[0]?.ecam?.base ?? 0;
    expect([mmio.read8(ecam + 1), mmio.read16(ecam), mmio.read32(ecam)]).toEqual([
      0x80, 0x8086, 0x29c0_8086,
    ]);
    expect(ports.read64(0xcf8)).toBe(0x29c0_8086_8000_0000n);
    // Nobody answers here.
    expect([ports.read8(0x400), ports.read32(0x400)]).toEqual([0xff, 0xffff_ffff]);
  });

  test('what would abort QEMU does not come to it', () => {
    using machine = testMachine();
    const { ports, mmio } = machine.platform;
    const fault = expect.objectContaining({ name: 'PlatformFault' });
    for (const port of [0x1_0000, -1, 0.5, Number.NaN]) {
      expect(() => ports.read8(port)).toThrow(fault);
      expect(() => ports.write8(port, 0)).toThrow(fault);
    }
    for (const address of [-1, 0.5, Number.NaN, Infinity, 2 ** 60]) {
      expect(() => mmio.read32(address)).toThrow(fault);
    }
    // Values are what is left of them on the bus.
    ports.write8(0x3ff, -1);
    expect(ports.read8(0x3ff)).toBe(0xff);
    ports.write8(0x3ff, 0x1_2345);
    expect(ports.read8(0x3ff)).toBe(0x45);
  });

  test('the serial port shows what was written, once', () => {
    using machine = testMachine();
    for (const byte of Buffer.from('Hi')) machine.platform.ports.write8(0x3f8, byte);
    expect(Buffer.from(machine.takeConsole()).toString()).toBe('Hi');
    expect(machine.takeConsole()).toHaveLength(0);
  });

  test('its CPU sleeps, and yet it runs: an entropy source completes a request only then', () => {
    using machine = testMachine({
      machine: 'microvm',
      devices: [qemuVirtioRng({ transport: 'mmio', slot: 0 })],
    });
    const { mmio, ram, clock } = machine.platform;
    const base = 0xfeb0_0000;
    const RING = 0x10_0000;
    const write = (register: number, value: number): void => mmio.write32(base + register, value);
    for (const status of [0, 1, 3]) write(0x70, status);
    write(0x24, 1);
    write(0x20, 1);
    write(0x70, 0xb);
    write(0x38, 8);
    for (const [register, offset] of [
      [0x80, 0],
      [0x90, 0x100],
      [0xa0, 0x200],
    ] as const) {
      write(register, RING + offset);
      write(register + 4, 0);
    }
    write(0x44, 1);
    write(0x70, 0xf);
    ram.fill(RING, 0x1000, 0);
    ram.writeUint64(RING, RING + 0x800);
    ram.writeUint32(RING + 8, 64);
    ram.writeUint32(RING + 12, 2);
    ram.writeUint32(RING + 0x100, 0x1_0000);
    write(0x50, 0);
    const until = clock.now() + 5e9;
    while (ram.readUint16(RING + 0x202) === 0 && clock.now() < until) clock.delay(10_000);
    expect(ram.readUint16(RING + 0x202)).toBe(1);
    expect(ram.readUint32(RING + 0x208)).toBe(64);
  });

  test('commands that ask nothing go out together, thousands at once', () => {
    using machine = testMachine();
    const { ports, ram } = machine.platform;
    for (let value = 0; value < 100_000; value++) ports.write8(0x3ff, value);
    expect(ports.read8(0x3ff)).toBe(99_999 & 0xff);
    ram.writeUint8(0, 1);
    expect(ram.readUint8(0)).toBe(1);
  });
});

describe.skipIf(skip !== undefined)(
  `what cannot be built is refused in words ${skip ?? ''}`,
  () => {
    test.for([
      ['half a page of RAM', { memory: 16 * MIB + 2048 }, 'RAM is whole pages of 4 KiB'],
      ['too little RAM', { memory: MIB }, 'more than 1 MiB'],
      [
        'a device that QEMU does not have',
        { devices: [{ driver: 'virtio-unicorn-pci' }] },
        "'virtio-unicorn-pci' is not a valid device model name",
      ],
      [
        'two devices in one slot',
        {
          devices: [
            qemuVirtioRng({ transport: 'pci-modern', slot: '02.0' }),
            qemuVirtioRng({ transport: 'pci-modern', slot: '02.0' }),
          ],
        },
        'in use by virtio-rng-pci',
      ],
      [
        'a property that is none',
        { devices: [{ driver: 'virtio-rng-pci', properties: { 'x,y': 1 } }] },
        '"x,y" is not the name of a device or a property',
      ],
    ] as const)('%s', ([, options, message]) => {
      const caught = thrownBy(() => testMachine(options));
      expect(caught).toBeInstanceOf(QemuError);
      expect(caught).toMatchObject({ message: expect.stringContaining(message) });
    });
  },
);
