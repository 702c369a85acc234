import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EmulatedMachine, MachineFinding, RegionHandler } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { PciFunction } from './pci-function.ts';
import { PciHostBridge } from './pci-host-bridge.ts';

export const ECAM = 0xe000_0000;
export const COMMAND = 0x04;
export const BAR0 = 0x10;

/** Where a register is in ECAM. */
export function ecam(slot: number, offset: number, bus: number = 0, func: number = 0): number {
  return ECAM + bus * 0x10_0000 + slot * 0x8000 + func * 0x1000 + offset;
}

/** Registers that remember what was written to them. */
export class Scratch implements RegionHandler {
  readonly bytes: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  read(offset: number, width: number): number {
    let value = 0;
    for (let index = width - 1; index >= 0; index--) {
      value = value * 256 + (this.bytes[offset + index] ?? 0);
    }
    return value;
  }

  write(offset: number, width: number, value: number): void {
    for (let index = 0; index < width; index++) this.bytes[offset + index] = value >>> (8 * index);
  }
}

export const IDENTITY = { name: 'probe', vendorId: 0x1234, deviceId: 0x5678, classCode: 0xff0102 };

export interface PciMachine extends EmulatedMachine {
  readonly findings: MachineFinding[];
}

/** A machine with functions on its root bus, by slot. */
export function createPciMachine(
  functions: Readonly<Record<string, PciFunction>>,
  trace?: Tracer,
): PciMachine {
  const bridge = new PciHostBridge();
  for (const [slot, func] of Object.entries(functions)) bridge.plug(slot, func);
  const findings: MachineFinding[] = [];
  const machine = createEmulatedMachine({
    memory: 0x10_0000,
    devices: [bridge],
    onFinding: (finding) => findings.push(finding),
    ...(trace === undefined ? {} : { trace }),
  });
  return { ...machine, findings };
}
