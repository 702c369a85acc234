import type { Device, MachineBus } from '../machine-bus.ts';
import { Region } from '../region.ts';
import type { AccessWidth, RegionHandler } from '../region.ts';

/** Where QEMU's isa-debugcon is put for OVMF, and what it reads there: "somebody listens". */
const DEBUG_PORT = 0x402;
const LISTENING = 0xe9;

/** The port to which OvmfPkg/Library/PlatformDebugLibIoPort writes its messages. */
export class DebugConsole implements Device, RegionHandler {
  readonly name = 'debug-console';
  readonly #send: (byte: number) => void;

  constructor(send: (byte: number) => void) {
    this.#send = send;
  }

  attach(bus: MachineBus): void {
    bus.ports.add(new Region(this.name, DEBUG_PORT, 1, this));
  }

  read(_offset: number, _width: AccessWidth): number {
    return LISTENING;
  }

  write(_offset: number, _width: AccessWidth, value: number): void {
    this.#send(value);
  }
}
