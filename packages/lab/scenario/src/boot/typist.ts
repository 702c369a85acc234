import type { Device, MachineBus, Uart16550 } from '@dxelab/emulated-machine';
import { utf8Bytes } from '@dxelab/uefi';
import type { MachineData } from '../scenario.ts';

/** Types at a serial port what a scenario says, when it says so. */
export class Typist implements Device {
  readonly name = 'typist';
  readonly #uart: Uart16550;
  readonly #input: MachineData['input'];

  constructor(uart: Uart16550, input: MachineData['input']) {
    this.#uart = uart;
    this.#input = input;
  }

  attach(bus: MachineBus): void {
    for (const { text, at } of this.#input) {
      const bytes = utf8Bytes(text);
      if (at <= bus.now()) this.#uart.receive(bytes);
      else bus.events.schedule(at, () => this.#uart.receive(bytes));
    }
  }
}
