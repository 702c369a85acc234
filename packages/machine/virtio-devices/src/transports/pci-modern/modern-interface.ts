import type { PciFunction } from '@dxelab/pci-devices';
import type { VirtioPciInterrupts } from '../pci/interrupts.ts';
import { ConfigWindow } from './config-window.ts';
import { PciModernRegisters } from './registers.ts';
import { STRUCTURE_BAR, STRUCTURE_BAR_SIZE, structureCapabilities } from './structures.ts';

/** Adds the modern interface to a function: its BAR, and the capabilities that say what is in it. */
export function addModernInterface(
  func: PciFunction,
  interrupts: VirtioPciInterrupts,
): PciModernRegisters {
  const registers = new PciModernRegisters(interrupts);
  func.addBar(STRUCTURE_BAR, {
    kind: 'mem64',
    size: STRUCTURE_BAR_SIZE,
    prefetchable: true,
    handler: registers,
  });
  for (const capability of structureCapabilities()) func.addCapability(capability);
  const window = new ConfigWindow(func.config, registers, (message, fields) =>
    registers.report('4.1.4.9.2', message, fields),
  );
  window.place(func.addCapability(window.capability).offset);
  return registers;
}
