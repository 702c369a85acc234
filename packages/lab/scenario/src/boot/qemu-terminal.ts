import type { QemuTerminal } from '@dxelab/qemu-machine';
import { utf8Bytes } from '@dxelab/uefi';
import type { MachineData } from '../scenario.ts';
import type { LiveConsole } from './live-console.ts';

/**
 * Types at the serial port of QEMU what a scenario says, when it says so, and then what a person does.
 * @param show receives what leaves the port, as it comes
 */
export function qemuTerminal(
  input: MachineData['input'],
  live: LiveConsole | undefined,
  show: (byte: number) => void,
): QemuTerminal {
  const texts = input
    .map(({ text, at }) => ({ at, bytes: [...utf8Bytes(text)] }))
    .toSorted((left, right) => left.at - right.at);
  return {
    mayType: texts.length > 0 || live !== undefined,
    read(now) {
      while (texts[0]?.bytes.length === 0) texts.shift();
      const [next] = texts;
      return next !== undefined && next.at <= now ? next.bytes.shift() : live?.read();
    },
    show(bytes) {
      for (const byte of bytes) show(byte);
    },
    isSwitchedOff: () => live?.isSwitchedOff() ?? false,
  };
}
