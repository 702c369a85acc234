import type { Device, MachineBus, Uart16550 } from '@dxelab/emulated-machine';
import { utf8Bytes } from '@dxelab/uefi';
import type { MachineData } from '../scenario.ts';

/** Types at a serial port what a scenario says, when it says so. */
export class Typist implements Device {
  readonly name = 'typist';
  readonly #uart: Uart16550;
  readonly #input: MachineData['input'];
  /** How many texts are still to be typed. */
  #left: number;

  constructor(uart: Uart16550, input: MachineData['input']) {
    this.#uart = uart;
    this.#input = input;
    this.#left = input.length;
  }

  /** Whether something is still to be typed, or to be read. */
  get isBusy(): boolean {
    return this.#left > 0 || this.#uart.isWaiting;
  }

  attach(bus: MachineBus): void {
    for (const { text, at } of this.#input) {
      if (at <= bus.now()) this.#type(text);
      else bus.events.schedule(at, () => this.#type(text));
    }
  }

  #type(text: string): void {
    this.#left -= 1;
    this.#uart.receive(utf8Bytes(text));
  }
}
