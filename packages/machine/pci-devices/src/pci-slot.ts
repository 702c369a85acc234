import { MachineSetupError } from '@dxelab/emulated-machine';

/** Where on its bus a function is: device 0 to 31, function 0 to 7. */
export interface PciSlot {
  readonly device: number;
  readonly function: number;
}

const SLOT = /^(?:0000:)?(?:00:)?([01]?[0-9a-f])(?:\.([0-7]))?$/i;

/**
 * Reads a slot: `02.0`, or `2`, or as lspci shows it on bus 0, `00:02.0`. Digits are hexadecimal.
 * @throws MachineSetupError if it is none
 */
export function parsePciSlot(text: string): PciSlot {
  const [, device, func = '0'] = SLOT.exec(text) ?? [];
  if (device === undefined) {
    throw new MachineSetupError(
      `'${text}' is no PCI slot: expected device.function, such as 02.0 or 1f.7`,
    );
  }
  return { device: parseInt(device, 16), function: parseInt(func, 16) };
}

/** The slot as lspci shows it, without the bus. */
export function formatPciSlot({ device, function: func }: PciSlot): string {
  return `${device.toString(16).padStart(2, '0')}.${func}`;
}

/** The slot as configuration addresses have it: the device in bits 7 to 3, the function in bits 2 to 0. */
export function devfnOf({ device, function: func }: PciSlot): number {
  return device * 8 + func;
}
