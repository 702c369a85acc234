import type { AddressSpace, Cycles, Tracer } from '@dxelab/platform';
import type { MachineFinding } from './machine-finding.ts';
import type { RegionMap } from './region-map.ts';
import type { AccessWidth } from './region.ts';

const PAGE = 0x1000;
/** Enough to see what is wrong, and an end to it where a driver scans all of an address space. */
const MAX_FINDINGS = 1000;

/** How an address space differs from the other. */
export interface AddressSpaceOptions {
  readonly space: 'mmio' | 'port';
  readonly cycles: Cycles;
  readonly regions: RegionMap;
  /** What all bits read where nobody answers. */
  readonly floating: 'zeros' | 'ones';
  readonly report: (finding: MachineFinding) => void;
  readonly trace: Tracer | undefined;
}

/**
 * The CPU's accesses, dispatched to the region that answers. An access that is misaligned, or that
 * reaches over the end of a region, becomes one transaction for each byte, in ascending order; one of 64
 * bits becomes two of 32, the lower half first.
 */
export class EmulatedAddressSpace implements AddressSpace {
  private readonly options: AddressSpaceOptions;
  private readonly cycles: Cycles;
  private readonly regions: RegionMap;
  private readonly trace: Tracer | undefined;
  /** Which rule has been reported for which page: a polling loop must not flood the report. */
  private readonly reported = new Set<string>();

  constructor(options: AddressSpaceOptions) {
    this.options = options;
    this.cycles = options.cycles;
    this.regions = options.regions;
    this.trace = options.trace;
  }

  read8(address: number): number {
    this.cycles.access();
    return this.read(address, 1) & 0xff;
  }

  read16(address: number): number {
    this.cycles.access();
    return this.read(address, 2) & 0xffff;
  }

  read32(address: number): number {
    this.cycles.access();
    return this.read(address, 4) >>> 0;
  }

  read64(address: number): bigint {
    const low = this.read32(address);
    return (BigInt(this.read32(address + 4)) << 32n) | BigInt(low);
  }

  write8(address: number, value: number): void {
    this.cycles.access();
    this.write(address, 1, value & 0xff);
  }

  write16(address: number, value: number): void {
    this.cycles.access();
    this.write(address, 2, value & 0xffff);
  }

  write32(address: number, value: number): void {
    this.cycles.access();
    this.write(address, 4, value >>> 0);
  }

  write64(address: number, value: bigint): void {
    this.write32(address, Number(BigInt.asUintN(32, value)));
    this.write32(address + 4, Number(BigInt.asUintN(32, value >> 32n)));
  }

  private read(address: number, width: AccessWidth): number {
    const region = this.regions.find(address);
    if (region === undefined || address + width > region.end || (address & (width - 1)) !== 0) {
      return this.readOddly(address, width);
    }
    const value = region.handler.read(address + region.toOffset, width);
    if (this.trace !== undefined) this.traceRead(region.name, address, width, value);
    return value;
  }

  private write(address: number, width: AccessWidth, value: number): void {
    const region = this.regions.find(address);
    if (region === undefined || address + width > region.end || (address & (width - 1)) !== 0) {
      this.writeOddly(address, width, value);
      return;
    }
    if (this.trace !== undefined) this.traceWrite(region.name, address, width, value);
    region.handler.write(address + region.toOffset, width, value);
  }

  private readOddly(address: number, width: AccessWidth): number {
    if (!this.isAnswered(address, width)) {
      const value = this.options.floating === 'ones' ? 2 ** (8 * width) - 1 : 0;
      this.report('access-to-nothing', address, 'read', 'is answered by nobody');
      this.traceRead('', address, width, value);
      return value;
    }
    this.reportSplit(address, width, 'read');
    let value = 0;
    for (let index = 0; index < width; index++) {
      value += (this.read(address + index, 1) & 0xff) * 2 ** (8 * index);
    }
    return value;
  }

  private writeOddly(address: number, width: AccessWidth, value: number): void {
    if (!this.isAnswered(address, width)) {
      this.report('access-to-nothing', address, 'write', 'is answered by nobody');
      this.traceWrite('', address, width, value);
      return;
    }
    this.reportSplit(address, width, 'write');
    for (let index = 0; index < width; index++) {
      this.write(address + index, 1, (value >>> (8 * index)) & 0xff);
    }
  }

  private isAnswered(address: number, width: AccessWidth): boolean {
    for (let index = 0; index < width; index++) {
      if (this.regions.find(address + index) !== undefined) return true;
    }
    return false;
  }

  private reportSplit(address: number, width: AccessWidth, what: string): void {
    const isMisaligned = (address & (width - 1)) !== 0;
    this.report(
      isMisaligned ? 'misaligned-access' : 'crossing-access',
      address,
      what,
      `of ${width} bytes ${isMisaligned ? 'is not aligned' : 'crosses the end of a region'}`,
    );
  }

  private report(rule: string, address: number, what: string, problem: string): void {
    const { space, report } = this.options;
    const key = `${rule} ${Math.floor(address / PAGE)}`;
    if (this.reported.has(key) || this.reported.size >= MAX_FINDINGS) return;
    this.reported.add(key);
    report({
      rule: `machine ${rule}`,
      device: space,
      message: `${space} ${what} at 0x${address.toString(16)} ${problem}`,
      fields: { address },
    });
  }

  private traceRead(region: string, address: number, size: number, value: number): void {
    this.trace?.('memory_region_ops_read', {
      space: this.options.space,
      region,
      address,
      size,
      value,
    });
  }

  private traceWrite(region: string, address: number, size: number, value: number): void {
    this.trace?.('memory_region_ops_write', {
      space: this.options.space,
      region,
      address,
      size,
      value,
    });
  }
}
