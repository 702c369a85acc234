import type { Dma, MachineBus, RegionHandler } from '@dxelab/emulated-machine';
import { PciFunction } from '@dxelab/pci-devices';
import type { EfiPciIo, EfiPciMapping, HostBuffer } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { PciWorld, statusOf } from './pci-world.fixture.ts';

const MIB = 2 ** 20;
const FOUR_GIB = 2 ** 32;
const MASTER = 0x600;
const DUAL_ADDRESS_CYCLE = 0x8000;

const ADDRESS_LOW = 0;
const ADDRESS_HIGH = 4;
const LENGTH = 8;

/** Writes 1, 2, 3, ... to memory, when LENGTH is written. */
class Counter extends PciFunction implements RegionHandler {
  #low = 0;
  #high = 0;
  #dma: Dma | undefined;

  constructor() {
    super({ name: 'counter', vendorId: 0x1234, deviceId: 2, classCode: 0xff0000 });
    this.addBar(0, { kind: 'mem32', size: 0x1000, handler: this });
  }

  protected override attached(_bus: MachineBus, dma: Dma): void {
    this.#dma = dma;
  }

  read(): number {
    return 0;
  }

  write(offset: number, _width: number, value: number): void {
    if (offset === ADDRESS_LOW) this.#low = value;
    if (offset === ADDRESS_HIGH) this.#high = value;
    if (offset !== LENGTH) return;
    const address = this.#high * FOUR_GIB + this.#low;
    for (let index = 0; index < value; index++) this.#dma?.writeUint8(address + index, index + 1);
  }
}

function world(profile: 'specification' | 'edk2', dmaAbove4G: boolean) {
  const from = new PciWorld((host) => host.plug('02.0', new Counter()), {
    profile,
    memory: [
      { base: 0, bytes: new Uint8Array(16 * MIB) },
      { base: FOUR_GIB, bytes: new Uint8Array(MIB) },
    ],
    rootBridge: (hob) => ({ ...hob, dmaAbove4G }),
  }).connect();
  const { pciIo } = from.at('PciRoot(0x0)/Pci(0x2,0x0)');
  pciIo.enableAttributes(MASTER);
  const high = from.bs.allocatePages('AllocateAddress', 'EfiBootServicesData', 1, FOUR_GIB);
  return { from, pciIo, high: { address: high, length: EFI_PAGE_SIZE } };
}

/** Lets the device write through a mapping of the buffer; returns where it wrote. */
function deviceWrites(pciIo: EfiPciIo, host: HostBuffer, bytes: number): number {
  const mapping = pciIo.map('BusMasterWrite', host, bytes);
  start(pciIo, mapping, bytes);
  pciIo.unmap(mapping);
  return mapping.deviceAddress;
}

function start(pciIo: EfiPciIo, { deviceAddress }: EfiPciMapping, bytes: number): void {
  pciIo.mem.write(2, 0, ADDRESS_LOW, deviceAddress >>> 0);
  pciIo.mem.write(2, 0, ADDRESS_HIGH, Math.floor(deviceAddress / FOUR_GIB));
  pciIo.mem.write(2, 0, LENGTH, bytes);
}

describe.each(PROFILES)('Map of memory above 4 GiB (Appendix C.27), profile %s', (profile) => {
  test.each([
    ['neither the root bridge nor the function reaches it', false, 0],
    ['the root bridge does not', false, DUAL_ADDRESS_CYCLE],
    ['the function does not', true, 0],
  ])('%s: read and write go through a low bounce, common buffers are refused', (_, above, bits) => {
    const { from, pciIo, high } = world(profile, above);
    pciIo.enableAttributes(bits);
    expect(deviceWrites(pciIo, high, 4)).toBeLessThan(FOUR_GIB);
    expect(from.machine.ram.readUint32(high.address)).toBe(0x04030201);
    expect(statusOf(() => pciIo.map('BusMasterCommonBuffer', high, 4))).toBe('EFI_UNSUPPORTED');
    expect(from.findings).toEqual([]);
  });

  test('AllocateBuffer gives what can be mapped in place', () => {
    const { pciIo } = world(profile, false);
    const address = pciIo.allocateBuffer('EfiBootServicesData', 2, 0x800);
    const buffer = { address, length: 2 * EFI_PAGE_SIZE };
    const mapping = pciIo.map('BusMasterCommonBuffer', buffer, buffer.length);
    expect(mapping).toMatchObject({ deviceAddress: address, numberOfBytes: buffer.length });
    pciIo.unmap(mapping);
    pciIo.freeBuffer(2, address);
    expect(statusOf(() => pciIo.freeBuffer(2, address))).toBe('EFI_NOT_FOUND');
  });

  test('an array of the caller arrives at Unmap', () => {
    const { from, pciIo } = world(profile, true);
    const bytes = new Uint8Array(5000);
    const mapping = pciIo.map('BusMasterWrite', bytes, bytes.length);
    start(pciIo, mapping, 4);
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    pciIo.unmap(mapping);
    expect([...bytes.subarray(0, 4)]).toEqual([1, 2, 3, 4]);
    expect(from.findings).toEqual([]);
  });

  test('bounce buffers leave no memory behind', () => {
    const { from, pciIo, high } = world(profile, false);
    const map = () => from.bs.getMemoryMap().descriptors;
    deviceWrites(pciIo, high, 4);
    const before = map();
    for (let round = 0; round < 10; round++) deviceWrites(pciIo, new Uint8Array(8192), 8);
    expect(map()).toEqual(before);
  });
});

describe('both the root bridge and the function reach above 4 GiB', () => {
  test('specification: the device has the very address', () => {
    const { from, pciIo, high } = world('specification', true);
    pciIo.enableAttributes(DUAL_ADDRESS_CYCLE);
    expect(deviceWrites(pciIo, high, 4)).toBe(high.address);
    expect(from.machine.ram.readUint32(high.address)).toBe(0x04030201);
    expect(pciIo.map('BusMasterCommonBuffer', high, 4).deviceAddress).toBe(high.address);
  });

  test('QUIRK PciHostBridgeDxe.DmaBelow4G: OVMF bounces all the same', () => {
    const { from, pciIo, high } = world('edk2', true);
    pciIo.enableAttributes(DUAL_ADDRESS_CYCLE);
    expect(deviceWrites(pciIo, high, 4)).toBeLessThan(FOUR_GIB);
    expect(from.machine.ram.readUint32(high.address)).toBe(0x04030201);
    expect(statusOf(() => pciIo.map('BusMasterCommonBuffer', high, 4))).toBe('EFI_UNSUPPORTED');
  });
});
