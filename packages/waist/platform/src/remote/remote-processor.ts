import type { Clock, Cpu } from '../platform.ts';
import type { RemoteChannel } from './remote-channel.ts';
import { REQUEST } from './wire.ts';

/** Clock and CPU at the other end of the wire; the interrupt handler runs at this end. */
export class RemoteProcessor implements Clock, Cpu {
  readonly #channel: RemoteChannel;

  constructor(channel: RemoteChannel) {
    this.#channel = channel;
  }

  now(): number {
    return this.#channel.call(this.#channel.request(REQUEST.clockNow)).float64();
  }

  setAlarm(time: number | undefined): void {
    this.#channel.call(this.#channel.request(REQUEST.setAlarm).float64(time ?? Infinity));
  }

  delay(nanoseconds: number): void {
    let left = nanoseconds;
    do {
      const request = this.#channel.request(REQUEST.delay).float64(left);
      left = this.#channel.call(request).float64();
    } while (left > 0);
  }

  setInterruptHandler(handler: (() => void) | undefined): void {
    this.#channel.handler = handler;
    const present = handler === undefined ? 0 : 1;
    this.#channel.call(this.#channel.request(REQUEST.setInterruptHandler).uint8(present));
  }

  setInterruptState(enabled: boolean): boolean {
    const request = this.#channel.request(REQUEST.setInterruptState).uint8(enabled ? 1 : 0);
    return this.#channel.call(request).uint8() !== 0;
  }

  sleep(): void {
    this.#channel.call(this.#channel.request(REQUEST.sleep));
  }

  fence(): void {
    this.#channel.call(this.#channel.request(REQUEST.fence));
  }
}
