import type { EfiPciOperation64 } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { HIGH, LOST, PrivateWorld } from './private-world.fixture.ts';

const HANDLE = { number: 1 };
const HOST = { address: 0x1000, length: 0x2000 };

/** The status of what fails, and what it delivers with it. */
function failure(run: () => unknown): unknown {
  try {
    run();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return isEfiFailure(caught) ? [caught.status, caught.out] : caught;
  }
}

describe.each(PROFILES)('bounce buffers (CcIoMmu.c: IoMmuMap, IoMmuUnmap), %s', (profile) => {
  test('a bus-master read sees a copy in shared pages, and the rest of RAM stays private', () => {
    const { ioMmu, ram, shared, bytes, allocations } = new PrivateWorld(profile);
    ram.writeBytes(HOST.address, Uint8Array.of(1, 2, 3));
    const mapping = ioMmu.map('BusMasterRead', HOST, 3);
    expect([...shared]).toEqual([mapping.deviceAddress]);
    expect(bytes(mapping.deviceAddress, 4)).toEqual([1, 2, 3, LOST]);
    expect(allocations).toEqual(['AllocateMaxAddress EfiBootServicesData 1 ffffffff']);
  });

  test('what a bus master wrote arrives at Unmap, and not before', () => {
    const { ioMmu, bytes, deviceWrites } = new PrivateWorld(profile);
    const mapping = ioMmu.map('BusMasterWrite', HOST, 2);
    deviceWrites(mapping.deviceAddress, 7, 8);
    expect(bytes(HOST.address, 2)).toEqual([0xee, 0xee]);
    ioMmu.unmap(mapping);
    expect(bytes(HOST.address, 3)).toEqual([7, 8, 0xee]);
  });

  test('arrays are bounced likewise, to the byte', () => {
    const { ioMmu, bytes, deviceWrites } = new PrivateWorld(profile);
    const host = Uint8Array.of(1, 2, 3);
    const read = ioMmu.map('BusMasterRead', host, 2);
    expect(bytes(read.deviceAddress, 3)).toEqual([1, 2, LOST]);
    ioMmu.unmap(read);
    const write = ioMmu.map('BusMasterWrite', host, 2);
    deviceWrites(write.deviceAddress, 7, 8, 9);
    ioMmu.unmap(write);
    expect([...host]).toEqual([7, 8, 3]);
  });

  test.each(['BusMasterRead', 'BusMasterWrite'] as const)(
    '%s: pages are zeroed, private again and free after Unmap',
    (operation) => {
      const world = new PrivateWorld(profile);
      world.ioMmu.unmap(world.ioMmu.map(operation, HOST, 0x1001));
      expect(world.surrendered).toEqual([0, 0]);
      expect([world.shared.size, world.allocated.size]).toEqual([0, 0]);
    },
  );

  test('64-bit operations may have bounce buffers anywhere', () => {
    const { ioMmu, allocations } = new PrivateWorld(profile);
    ioMmu.map('BusMasterRead64', HOST, 1);
    expect(allocations).toEqual(['AllocateAnyPages EfiBootServicesData 1']);
  });

  test('nothing can be mapped too', () => {
    const { ioMmu, shared } = new PrivateWorld(profile);
    ioMmu.unmap(ioMmu.map('BusMasterWrite', new Uint8Array(0), 0));
    expect(shared.size).toBe(0);
  });

  test('without memory, or when sharing is refused: 0 bytes mapped, and nothing is lost', () => {
    const world = new PrivateWorld(profile);
    const map = () => world.ioMmu.map('BusMasterRead', { address: 0, length: HIGH }, 0x10000);
    expect(failure(map)).toEqual(['EFI_OUT_OF_RESOURCES', { numberOfBytes: 0 }]);
    world.refuses = true;
    expect(failure(() => world.ioMmu.map('BusMasterRead', HOST, 1))).toEqual([
      'EFI_DEVICE_ERROR',
      { numberOfBytes: 0 },
    ]);
    expect(world.allocated.size).toBe(0);
  });

  test('pages that do not become private are given to nobody else', () => {
    const world = new PrivateWorld(profile);
    const mapping = world.ioMmu.map('BusMasterRead', HOST, 1);
    world.refuses = true;
    expect(() => world.ioMmu.unmap(mapping)).toThrow('EFI_DEVICE_ERROR');
    expect(world.allocated.size).toBe(1);
  });
});

test.each([
  ['specification', 0xee],
  ['edk2', LOST],
] as const)('what the device does not write is, in %s, afterwards 0x%x', (profile, rest) => {
  const { ioMmu, bytes, deviceWrites } = new PrivateWorld(profile);
  const mapping = ioMmu.map('BusMasterWrite', HOST, 3);
  deviceWrites(mapping.deviceAddress, 7);
  ioMmu.unmap(mapping);
  expect(bytes(HOST.address, 3)).toEqual([7, rest, rest]);
});

describe.each(PROFILES)('common buffers (IoMmuAllocateBuffer), %s', (profile) => {
  test('are shared in place, with their content, and private again with what the device wrote', () => {
    const world = new PrivateWorld(profile);
    const { ioMmu, ram, shared } = world;
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 2, 0x800);
    ram.writeBytes(address + 0x1ffe, Uint8Array.of(1, 2));
    expect(shared.size).toBe(0);
    const mapping = ioMmu.map('BusMasterCommonBuffer', { address, length: 0x2000 }, 0x2000);
    expect(mapping.deviceAddress).toBe(address);
    expect([...shared]).toEqual([address, address + 0x1000]);
    ram.writeUint8(address + 0x1fff, 3);
    expect(world.bytes(address + 0x1ffe, 2)).toEqual([1, 3]);
    ioMmu.unmap(mapping);
    expect(world.bytes(address + 0x1ffe, 2)).toEqual([1, 3]);
    expect([shared.size, world.surrendered]).toEqual([0, [0, 0]]);
    ioMmu.freeBuffer(2, address);
    expect(world.allocated.size).toBe(0);
  });

  test('come from below 4 GiB unless the device reaches further', () => {
    const { ioMmu, allocations } = new PrivateWorld(profile);
    ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    ioMmu.allocateBuffer('EfiRuntimeServicesData', 1, 0x8000);
    expect(allocations.filter((_, index) => index % 2 === 1)).toEqual([
      'AllocateMaxAddress EfiBootServicesData 1 ffffffff',
      'AllocateAnyPages EfiRuntimeServicesData 1',
    ]);
  });

  test('only what AllocateBuffer made can be mapped in place, and freed', () => {
    const { ioMmu } = new PrivateWorld(profile);
    const map = (host: typeof HOST | Uint8Array, operation: EfiPciOperation64) => () =>
      ioMmu.map(operation, host, host.length);
    const none = { numberOfBytes: 0 };
    const common = 'BusMasterCommonBuffer';
    const high = { address: HIGH, length: 4 };
    expect(failure(map(HOST, common))).toEqual(['EFI_INVALID_PARAMETER', none]);
    expect(failure(map(new Uint8Array(4), common))).toEqual(['EFI_UNSUPPORTED', none]);
    expect(failure(map(high, common))).toEqual(['EFI_UNSUPPORTED', none]);
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    const long = { address, length: 0x1001 };
    expect(failure(map(long, common))).toEqual(['EFI_INVALID_PARAMETER', none]);
    expect(() => ioMmu.freeBuffer(1, HOST.address)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => ioMmu.freeBuffer(2, address)).toThrow('EFI_INVALID_PARAMETER');
  });

  test('other attributes: EFI_UNSUPPORTED; other memory: EFI_INVALID_PARAMETER; too much: none', () => {
    const world = new PrivateWorld(profile);
    const { ioMmu } = world;
    expect(() => ioMmu.allocateBuffer('EfiLoaderData', 1, 1)).toThrow('EFI_UNSUPPORTED');
    expect(() => ioMmu.allocateBuffer('EfiLoaderData', 1, 0)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => ioMmu.allocateBuffer('EfiBootServicesData', 8, 0)).toThrow('EFI_OUT_OF_RESOURCES');
    expect(world.allocated.size).toBe(0);
  });
});

describe.each(PROFILES)('what is refused, %s', (profile) => {
  test('SetAttribute with another access than the operation has', () => {
    const { ioMmu } = new PrivateWorld(profile);
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    const common = { address, length: 4 };
    for (const [operation, host, right] of [
      ['BusMasterRead64', HOST, 1],
      ['BusMasterWrite', new Uint8Array(4), 2],
      ['BusMasterCommonBuffer64', common, 3],
    ] as const) {
      const mapping = ioMmu.map(operation, host, 4);
      for (const access of [0, 1, 2, 3, 4]) {
        const expected = access === 0 || access === right ? 'EFI_SUCCESS' : 'EFI_INVALID_PARAMETER';
        const [status] = [failure(() => ioMmu.setAttribute(HANDLE, mapping, access))].flat();
        expect(status).toBe(expected);
      }
      ioMmu.unmap(mapping);
      expect(() => ioMmu.setAttribute(HANDLE, mapping, 0)).toThrow('EFI_INVALID_PARAMETER');
    }
  });

  test('Unmap of what is not mapped, or no more', () => {
    const { ioMmu } = new PrivateWorld(profile);
    const mapping = ioMmu.map('BusMasterRead', HOST, 1);
    ioMmu.unmap(mapping);
    expect(() => ioMmu.unmap(mapping)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => ioMmu.unmap({ deviceAddress: 0, numberOfBytes: 1 })).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test.each([-1, 0x2001, Number.NaN])('Map of %d bytes of 0x2000', (length) => {
    const { ioMmu } = new PrivateWorld(profile);
    expect(() => ioMmu.map('BusMasterRead', HOST, length)).toThrow('EFI_INVALID_PARAMETER');
  });
});

describe('mappings that overlap while they live', () => {
  const overlapping = { address: HOST.address + 3, length: 0x1000 };

  test('are reported if one of them is written by the device', () => {
    const { ioMmu, messages } = new PrivateWorld();
    const read = ioMmu.map('BusMasterRead', HOST, 4);
    ioMmu.map('BusMasterRead', overlapping, 1);
    ioMmu.map('BusMasterWrite', { address: HOST.address + 4, length: 4 }, 4);
    expect(messages).toEqual([]);
    ioMmu.map('BusMasterWrite', { address: HOST.address, length: 1 }, 1);
    expect(messages).toHaveLength(1);
    ioMmu.unmap(read);
    ioMmu.map('BusMasterRead', { address: HOST.address + 1, length: 3 }, 3);
    expect(messages).toHaveLength(1);
  });

  test('of one array, too', () => {
    const { ioMmu, messages } = new PrivateWorld();
    const array = new Uint8Array(8);
    ioMmu.map('BusMasterWrite', array.subarray(0, 4), 4);
    ioMmu.map('BusMasterRead', array.subarray(4), 4);
    ioMmu.map('BusMasterRead', new Uint8Array(4), 4);
    ioMmu.map('BusMasterRead', HOST, 4);
    expect(messages).toEqual([]);
    ioMmu.map('BusMasterRead', array.subarray(3), 1);
    expect(messages).toHaveLength(1);
  });

  test('in place: EFI_UNSUPPORTED, since the first Unmap would end both', () => {
    const { ioMmu, messages, shared } = new PrivateWorld();
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    const buffer = { address, length: 0x1000 };
    ioMmu.map('BusMasterCommonBuffer', buffer, 16);
    expect(() => ioMmu.map('BusMasterCommonBuffer', buffer, 8)).toThrow('EFI_UNSUPPORTED');
    expect([messages.length, shared.size]).toEqual([1, 1]);
  });

  test('QUIRK IoMmuDxe.OverlapsMapped: in place as well, and private with the first Unmap', () => {
    const { ioMmu, messages, shared } = new PrivateWorld('edk2');
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    const buffer = { address, length: 0x1000 };
    const first = ioMmu.map('BusMasterCommonBuffer', buffer, 16);
    const second = ioMmu.map('BusMasterCommonBuffer', buffer, 8);
    ioMmu.unmap(first);
    expect([messages.length, shared.size]).toEqual([1, 0]);
    ioMmu.unmap(second);
  });
});

test.each([
  ['specification', 'EFI_INVALID_PARAMETER'],
  ['edk2', 'EFI_SUCCESS'],
] as const)('FreeBuffer of what is mapped is, in %s, %s', (profile, expected) => {
  const { ioMmu } = new PrivateWorld(profile);
  const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
  ioMmu.map('BusMasterCommonBuffer', { address, length: 4 }, 4);
  expect([failure(() => ioMmu.freeBuffer(1, address))].flat()[0]).toBe(expected);
});

test('the end of boot services makes all pages private, and leaves the memory map alone', () => {
  const world = new PrivateWorld();
  const { ioMmu, ram } = world;
  const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
  ioMmu.map('BusMasterCommonBuffer', { address, length: 0x1000 }, 0x1000);
  const write = ioMmu.map('BusMasterWrite', HOST, 1);
  ram.writeUint8(address, 5);
  world.deviceWrites(write.deviceAddress, 6);
  const allocated = world.allocated.size;
  ioMmu.unmapAll();
  expect([world.shared.size, world.surrendered, world.allocated.size]).toEqual([
    0,
    [0, 0],
    allocated,
  ]);
  expect([ram.readUint8(address), ram.readUint8(HOST.address)]).toEqual([5, 6]);
});
