import { inCommand } from '../qtest/commands.ts';
import type { QtestLink } from '../qtest/qtest-link.ts';

/** The interrupt identification register of COM1, and its bits for FIFOs that are enabled. */
const COM1_IIR = 0x3fa;
const FIFOS_ENABLED = 0xc0;

/**
 * Whether the guest has set the serial port up. Before that it may still clear what has come; the port of the
 * emulated machine loses nothing then, and neither shall this one.
 */
export function isSerialPortSetUp(link: QtestLink): boolean {
  return (Number(link.ask(inCommand(COM1_IIR, 1))) & FIFOS_ENABLED) === FIFOS_ENABLED;
}
