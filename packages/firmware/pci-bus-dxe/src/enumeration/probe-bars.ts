import { PCI_BASE_ADDRESSREG_OFFSET, PCI_MAX_BAR } from '@dxelab/pci';
import type { TplServices } from './at-high-level.ts';
import { answerTo, atHighLevel } from './at-high-level.ts';
import type { FunctionConfig } from './function-config.ts';
import type { PciBar } from './pci-bar.ts';
import { decodeBar, isWideBar } from './pci-bar.ts';

/** A function's BARs under the index by which PciIo knows them. */
export type BarTable = readonly (PciBar | undefined)[];

const ALL_ONES = 0xffffffff;

/**
 * Finds out what a function's base address registers ask for, and leaves them as they were. The
 * function must not decode its ranges meanwhile. PciEnumeratorSupport.c: GatherDeviceInfo.
 * @param registers how many there are: 6, or 2 of a bridge
 * @param ordinal QUIRK PciBusDxe.BarOrdinal: a 64-bit BAR counts once, although it has two registers
 */
export function probeBars(
  bs: TplServices,
  config: FunctionConfig,
  registers: number,
  ordinal: boolean,
): BarTable {
  const bars: (PciBar | undefined)[] = Array.from({ length: PCI_MAX_BAR }, () => undefined);
  const end = PCI_BASE_ADDRESSREG_OFFSET + 4 * registers;
  let register = PCI_BASE_ADDRESSREG_OFFSET;
  for (let index = 0; register < end; index++) {
    const answer = answerOf(bs, config, register);
    const wide = isWideBar(answer);
    const complete = !wide || register + 4 < end;
    const upper = wide && complete ? answerOf(bs, config, register + 4) : 0;
    const size = complete ? decodeBar(answer, upper) : undefined;
    const number = ordinal ? index : (register - PCI_BASE_ADDRESSREG_OFFSET) / 4;
    if (size !== undefined) bars[number] = { ...size, register, base: undefined };
    register += wide ? 8 : 4;
  }
  return bars;
}

/** Where the registers say that the BARs are. PciEnumeratorSupport.c: PciEnumeratorLight. */
export function readBases(config: FunctionConfig, bars: BarTable): void {
  for (const bar of bars) {
    if (bar === undefined) continue;
    const low = config.read(2, bar.register);
    const wide = bar.type === 'mem64' || bar.type === 'pmem64';
    const high = wide ? config.read(2, bar.register + 4) : 0;
    const flags = bar.type === 'io' ? 3 : 15;
    bar.base = high * 0x1_0000_0000 + ((low & ~flags) >>> 0);
  }
}

/** Tells a function where its BAR is. PciResourceSupport.c: ProgramBar. */
export function programBar(config: FunctionConfig, bar: PciBar, base: number): void {
  bar.base = base;
  config.write(2, bar.register, base >>> 0);
  if (bar.type === 'mem64' || bar.type === 'pmem64') {
    config.write(2, bar.register + 4, Math.floor(base / 0x1_0000_0000));
  }
}

/** BarExisted. */
function answerOf(bs: TplServices, config: FunctionConfig, register: number): number {
  return atHighLevel(bs, () => answerTo(config, 2, register, ALL_ONES));
}
