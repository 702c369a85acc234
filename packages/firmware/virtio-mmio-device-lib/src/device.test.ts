import { CoherentDma } from '@dxelab/coherent-dma-lib';
import type { AddressSpace } from '@dxelab/platform';
import { Cycles, GuestRam, LocalRam } from '@dxelab/platform';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { VirtioMmioDevice } from './device.ts';
import { virtioMmioQuirks } from './quirks.ts';
import { MmioRegisters } from './registers.ts';

/** A device of which nothing answers but single registers, each with what it reads next. */
function deviceWith(reads: Readonly<Record<number, readonly number[]>>) {
  const left = new Map(Object.entries(reads).map(([at, values]) => [Number(at), [...values]]));
  const refuse = (): never => {
    throw new TypeError('an access that nobody expects');
  };
  const mmio: AddressSpace = {
    read8: refuse,
    read16: refuse,
    read32: (address) => left.get(address)?.shift() ?? refuse(),
    read64: refuse,
    write8: refuse,
    write16: refuse,
    write32: () => {},
    write64: refuse,
  };
  const pauses: number[] = [];
  const bs = {
    stall: (microseconds: number) => void pauses.push(microseconds),
    allocatePages: refuse,
    freePages: refuse,
  };
  const ram = new GuestRam(new Cycles(() => {}), new LocalRam([]));
  const quirks = virtioMmioQuirks(new Quirks('specification'));
  const identity = { legacy: false, deviceType: 2 };
  const registers = new MmioRegisters(mmio, 0);
  return {
    pauses,
    device: new VirtioMmioDevice(bs, registers, identity, new CoherentDma(bs, ram), quirks),
  };
}

describe('what no honest device shows', () => {
  test('of QueueSizeMax 16 bits count: a queue has no more than 32768 descriptors (§2.7)', () => {
    expect(deviceWith({ 0x34: [0x1_0080] }).device.getQueueNumMax()).toBe(0x80);
  });

  test('of Status 8 bits count', () => {
    expect(deviceWith({ 0x70: [0xabcd_ef0f] }).device.getDeviceStatus()).toBe(0x0f);
  });

  test('a reset that takes its time is waited for (§2.4.2)', () => {
    const { device, pauses } = deviceWith({ 0x70: [0x0f, 0x0f, 0] });
    device.setDeviceStatus(0);
    expect(pauses).toEqual([10, 10]);
  });
});
