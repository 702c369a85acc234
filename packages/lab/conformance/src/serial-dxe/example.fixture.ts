import type { EfiBootServices } from '@dxelab/uefi';
import { SerialIoProtocol } from '@dxelab/uefi';

/** Sends a line of text over the first serial port, whatever terminal is on it. */
export function say(bs: EfiBootServices, text: string): number {
  const io = bs.locateProtocol(SerialIoProtocol);
  return io.write(new TextEncoder().encode(`${text}\r\n`));
}
