import type { EfiResetType } from '@dxelab/uefi';
import type { AddressSpace } from '../address-space.ts';
import { PlatformFault } from '../platform-fault.ts';
import type { Platform } from '../platform.ts';
import { TerminalSignal, isTerminalSignal } from '../terminal-signal.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Transport } from './remote-channel.ts';
import { REPLY_ENDED, REPLY_FAULT, REPLY_VALUE, REQUEST, SPACE_MMIO } from './wire.ts';

/**
 * Answers the requests of one `RemotePlatform` with `platform`. Signals and faults become replies;
 * anything else that is thrown is a bug on this side of the wire, and stays there.
 */
export function servePlatform(platform: Platform): Transport {
  return new PlatformServer(platform).serve;
}

class PlatformServer {
  readonly #platform: Platform;
  /** An interrupt came during this request: its reply says so, and the far end runs its handler. */
  #pending = false;
  /** What the interrupt state was before each handler that runs at the far end. */
  readonly #states: boolean[] = [];
  #alarm = Infinity;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  readonly serve = (request: Uint8Array): Uint8Array => {
    const answer = new ByteWriter();
    try {
      this.#perform(new ByteReader(request), answer);
      return this.#reply(REPLY_VALUE, (reply) => {
        reply.uint8(this.#deferInterrupt() ? 1 : 0).append(answer);
      });
    } catch (caught) {
      if (isTerminalSignal(caught)) {
        const { kind, message, details } = caught;
        const json = JSON.stringify({ kind, message, details });
        return this.#reply(REPLY_ENDED, (reply) => reply.text(json));
      }
      if (!(caught instanceof PlatformFault)) throw caught;
      return this.#reply(REPLY_FAULT, (reply) => reply.text(caught.message));
    }
  };

  #reply(kind: number, fill: (reply: ByteWriter) => void): Uint8Array {
    const body = new ByteWriter();
    // First, for it may take time.
    fill(body);
    const { now, accesses } = this.#platform.cycles;
    return new ByteWriter().uint8(kind).float64(now).float64(accesses).append(body).finish();
  }

  /** The far end's handler runs with interrupts disabled, as the CPU would have it. */
  #deferInterrupt(): boolean {
    if (!this.#pending) return false;
    this.#states.push(this.#platform.cpu.setInterruptState(false));
    this.#pending = false;
    return true;
  }

  #perform(request: ByteReader, answer: ByteWriter): void {
    const code = request.uint8();
    if (code < REQUEST.read8) this.#performRam(code, request, answer);
    else if (code < REQUEST.clockNow) this.#performIo(code, request, answer);
    else this.#performOther(code, request, answer);
  }

  #performRam(code: number, request: ByteReader, answer: ByteWriter): void {
    const { ram } = this.#platform;
    const address = request.float64();
    switch (code) {
      case REQUEST.ramRead8:
        return void answer.uint8(ram.readUint8(address));
      case REQUEST.ramRead16:
        return void answer.uint16(ram.readUint16(address));
      case REQUEST.ramRead32:
        return void answer.uint32(ram.readUint32(address));
      case REQUEST.ramWrite8:
        return ram.writeUint8(address, request.uint8());
      case REQUEST.ramWrite16:
        return ram.writeUint16(address, request.uint16());
      case REQUEST.ramWrite32:
        return ram.writeUint32(address, request.uint32());
      case REQUEST.ramReadBytes: {
        const bytes = new Uint8Array(request.float64());
        ram.readBytes(address, bytes);
        return void answer.bytes(bytes);
      }
      case REQUEST.ramWriteBytes:
        return ram.writeBytes(address, request.bytes());
      case REQUEST.ramFill:
        return ram.fill(address, request.float64(), request.uint8());
      case REQUEST.ramCopy:
        return ram.copy(address, request.float64(), request.float64());
      default:
        throw unknownRequest(code);
    }
  }

  #performIo(code: number, request: ByteReader, answer: ByteWriter): void {
    const space: AddressSpace =
      request.uint8() === SPACE_MMIO ? this.#platform.mmio : this.#platform.ports;
    const address = request.float64();
    switch (code) {
      case REQUEST.read8:
        return void answer.uint8(space.read8(address));
      case REQUEST.read16:
        return void answer.uint16(space.read16(address));
      case REQUEST.read32:
        return void answer.uint32(space.read32(address));
      case REQUEST.read64:
        return void answer.uint64(space.read64(address));
      case REQUEST.write8:
        return space.write8(address, request.uint8());
      case REQUEST.write16:
        return space.write16(address, request.uint16());
      case REQUEST.write32:
        return space.write32(address, request.uint32());
      case REQUEST.write64:
        return space.write64(address, request.uint64());
      default:
        throw unknownRequest(code);
    }
  }

  #performOther(code: number, request: ByteReader, answer: ByteWriter): void {
    const platform = this.#platform;
    const { clock, cpu } = platform;
    switch (code) {
      case REQUEST.clockNow:
        return void answer.float64(clock.now());
      case REQUEST.setAlarm: {
        this.#alarm = request.float64();
        return clock.setAlarm(this.#alarm === Infinity ? undefined : this.#alarm);
      }
      case REQUEST.delay:
        return void answer.float64(this.#delay(request.float64()));
      case REQUEST.spend:
        return platform.cycles.spend(request.float64());
      case REQUEST.setInterruptHandler:
        return cpu.setInterruptHandler(request.uint8() === 0 ? undefined : this.#interrupt);
      case REQUEST.setInterruptState:
        return void answer.uint8(cpu.setInterruptState(request.uint8() !== 0) ? 1 : 0);
      case REQUEST.sleep:
        return cpu.sleep();
      case REQUEST.fence:
        return cpu.fence();
      case REQUEST.interruptReturn:
        return void cpu.setInterruptState(this.#states.pop() ?? false);
      case REQUEST.hobs:
        return void answer.text(JSON.stringify(platform.hobs));
      case REQUEST.reset: {
        // What `RemotePlatform.reset` wrote.
        const reset: { type: EfiResetType; message: string } = JSON.parse(request.text());
        return platform.reset(reset.type, reset.message);
      }
      case REQUEST.end: {
        // What `RemotePlatform.end` wrote: the fields of a TerminalSignal.
        const signal: TerminalSignal = JSON.parse(request.text());
        return platform.end(new TerminalSignal(signal.kind, signal.message, signal.details));
      }
      default:
        throw unknownRequest(code);
    }
  }

  /** The alarm came: it is spent, and the far end has to hear of it. */
  readonly #interrupt = (): void => {
    this.#pending = true;
    this.#alarm = Infinity;
  };

  /**
   * Delays until the alarm comes at most, for the far end's handler will set the next one.
   * @returns how much is left, in nanoseconds
   */
  #delay(nanoseconds: number): number {
    const { clock } = this.#platform;
    const until = clock.now() + nanoseconds;
    if (this.#alarm < until) {
      clock.delay(Math.max(this.#alarm - clock.now(), 0));
      if (this.#pending) return Math.max(until - clock.now(), 0);
    }
    clock.delay(Math.max(until - clock.now(), 0));
    return 0;
  }
}

function unknownRequest(code: number): Error {
  return new RangeError(`request 0x${code.toString(16)} is unknown`);
}
