import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import type { EfiPciMapping } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { CoherentDmaOptions } from './coherent-dma.ts';
import { CoherentDma } from './coherent-dma.ts';

const HIGH = 2 ** 40;

/** RAM below 4 GiB and far above it, and pages that are handed out from 0x1000 up. */
function world(options: CoherentDmaOptions & { pages?: number } = {}) {
  const ranges = [
    { base: 0, bytes: new Uint8Array(0x8000).fill(0xee) },
    { base: HIGH, bytes: new Uint8Array(0x1000) },
  ];
  const ram = new GuestRam(new Cycles(() => {}), new LocalRam(ranges));
  const calls: string[] = [];
  let left = options.pages ?? 4;
  const bs = {
    allocatePages(type: string, memoryType: unknown, pages: number) {
      if ((left -= pages) < 0) throw new EfiError('EFI_OUT_OF_RESOURCES', 'no pages');
      calls.push(`${type} ${String(memoryType)} ${pages}`);
      return (left + 1) * 0x1000;
    },
    freePages: (memory: number, pages: number) => {
      calls.push(`free ${memory.toString(16)} ${pages}`);
    },
  };
  return { ram, calls, dma: new CoherentDma(bs, ram, options) };
}

/** Where the device's address is in RAM: nothing stands in between. */
function seen({ deviceAddress }: EfiPciMapping): number {
  return deviceAddress;
}

describe('DmaMap of guest memory', () => {
  test.each(['BusMasterRead', 'BusMasterWrite', 'BusMasterCommonBuffer'] as const)(
    '%s: a buffer has its own address, wherever it is',
    (operation) => {
      const { dma, calls } = world();
      const mapping = dma.map(operation, { address: HIGH, length: 0x1000 }, 0x800);
      expect(mapping).toMatchObject({ deviceAddress: HIGH, numberOfBytes: 0x800 });
      dma.unmap(mapping);
      expect(calls).toEqual([]);
    },
  );

  test('what ends beyond the limit is bounced', () => {
    const { dma, ram, calls } = world();
    ram.writeUint8(HIGH, 0x5a);
    const mapping = dma.map('BusMasterRead', { address: HIGH, length: 4 }, 4, HIGH + 3);
    expect(calls).toEqual(['AllocateAnyPages EfiBootServicesData 1']);
    expect(ram.readUint8(seen(mapping))).toBe(0x5a);
    expect(dma.map('BusMasterRead', { address: HIGH, length: 4 }, 4, HIGH + 4).deviceAddress).toBe(
      HIGH,
    );
  });
});

describe('DmaMap of an array, which no device reaches', () => {
  test('is filled at Map for a bus-master read, and not copied back', () => {
    const { dma, ram } = world();
    const host = Uint8Array.of(1, 2, 3);
    const mapping = dma.map('BusMasterRead', host, 3);
    expect(ram.readUint32(seen(mapping)) & 0xffffff).toBe(0x030201);
    ram.writeUint8(seen(mapping), 99);
    dma.unmap(mapping);
    expect([...host]).toEqual([1, 2, 3]);
  });

  test('is copied back at Unmap for a bus-master write, and not before', () => {
    const { dma, ram } = world();
    const host = Uint8Array.of(1, 2, 3);
    const mapping = dma.map('BusMasterWrite', host, 2);
    ram.writeUint8(seen(mapping), 99);
    ram.writeUint8(seen(mapping) + 2, 99);
    expect([...host]).toEqual([1, 2, 3]);
    dma.unmap(mapping);
    expect([...host]).toEqual([99, 2, 3]);
  });

  test('is never a common buffer', () => {
    const { dma, calls } = world();
    expect(() => dma.map('BusMasterCommonBuffer', new Uint8Array(4), 4)).toThrow('EFI_UNSUPPORTED');
    expect(calls).toEqual([]);
  });

  test('without memory: EFI_OUT_OF_RESOURCES', () => {
    const { dma } = world({ pages: 0 });
    expect(() => dma.map('BusMasterRead', new Uint8Array(4), 4)).toThrow('EFI_OUT_OF_RESOURCES');
  });
});

test('the pages of the last bounce buffer are kept until they are given back', () => {
  const { dma, calls } = world();
  for (let round = 0; round < 3; round += 1) {
    dma.unmap(dma.map('BusMasterRead', new Uint8Array(4), 4));
  }
  expect(calls).toEqual(['AllocateAnyPages EfiBootServicesData 1']);
  dma.giveBack();
  dma.giveBack();
  expect(calls).toEqual(['AllocateAnyPages EfiBootServicesData 1', 'free 4000 1']);
});

describe('DmaUnmap', () => {
  test('of what Map did not make, or a second time: EFI_INVALID_PARAMETER', () => {
    const { dma } = world();
    const mapping = dma.map('BusMasterRead', { address: 0x4000, length: 4 }, 4);
    dma.unmap(mapping);
    expect(() => dma.unmap(mapping)).toThrow('EFI_INVALID_PARAMETER');
    expect(() => dma.unmap({ deviceAddress: 0x4000, numberOfBytes: 4 })).toThrow(
      'EFI_INVALID_PARAMETER',
    );
  });

  test('a second time in place, where that is wanted, but never of a bounce buffer', () => {
    const { dma } = world({ unmapTwice: true });
    const inPlace = dma.map('BusMasterRead', { address: 0x4000, length: 4 }, 4);
    dma.unmap(inPlace);
    expect(() => dma.unmap(inPlace)).not.toThrow();
    const bounced = dma.map('BusMasterRead', new Uint8Array(4), 4);
    dma.unmap(bounced);
    expect(() => dma.unmap(bounced)).toThrow('EFI_INVALID_PARAMETER');
  });
});

test.each([-1, 5, Number.NaN])('%d bytes of a buffer of 4: EFI_INVALID_PARAMETER', (length) => {
  const { dma } = world();
  const map = (): unknown => dma.map('BusMasterRead', { address: 0x4000, length: 4 }, length);
  expect(map).toThrow('EFI_INVALID_PARAMETER');
});

test('DmaAllocateBuffer and DmaFreeBuffer: pages anywhere', () => {
  const { dma, calls } = world();
  dma.freeBuffer(2, dma.allocateBuffer('EfiBootServicesData', 2));
  expect(calls).toEqual(['AllocateAnyPages EfiBootServicesData 2', 'free 3000 2']);
});
