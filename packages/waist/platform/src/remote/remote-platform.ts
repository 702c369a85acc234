import type { EfiResetType } from '@dxelab/uefi';
import type { AddressSpace } from '../address-space.ts';
import type { Cycles } from '../cycles.ts';
import { GuestRam } from '../guest-ram.ts';
import type { HobList } from '../hobs.ts';
import type { Clock, Cpu, Platform } from '../platform.ts';
import type { TerminalSignal } from '../terminal-signal.ts';
import { RemoteAddressSpace } from './remote-address-space.ts';
import { RemoteChannel } from './remote-channel.ts';
import type { Transport } from './remote-channel.ts';
import { RemoteProcessor } from './remote-processor.ts';
import { RemoteRam } from './remote-ram.ts';
import { REQUEST, SPACE_MMIO, SPACE_PORTS } from './wire.ts';

/**
 * A machine at the other end of a wire: every access becomes bytes and shares no memory with it;
 * `servePlatform` answers them. An interrupt is taken right after the access before which it came.
 */
export class RemotePlatform implements Platform {
  readonly ram: GuestRam;
  readonly mmio: AddressSpace;
  readonly ports: AddressSpace;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly cycles: Cycles;
  readonly hobs: HobList;
  readonly #channel: RemoteChannel;

  constructor(transport: Transport) {
    const channel = new RemoteChannel(transport);
    const processor = new RemoteProcessor(channel);
    this.#channel = channel;
    this.cycles = channel.cycles;
    this.ram = new GuestRam(channel.cycles, new RemoteRam(channel));
    this.mmio = new RemoteAddressSpace(channel, SPACE_MMIO);
    this.ports = new RemoteAddressSpace(channel, SPACE_PORTS);
    this.clock = processor;
    this.cpu = processor;
    // What `servePlatform` wrote: its platform's HobList, which is plain data.
    const hobs: HobList = JSON.parse(channel.call(channel.request(REQUEST.hobs)).text());
    this.hobs = hobs;
  }

  reset(type: EfiResetType, message: string): never {
    return this.#end(this.#channel.request(REQUEST.reset).text(JSON.stringify({ type, message })));
  }

  end({ kind, message, details }: TerminalSignal): never {
    const json = JSON.stringify({ kind, message, details });
    return this.#end(this.#channel.request(REQUEST.end).text(json));
  }

  #end(request: ReturnType<RemoteChannel['request']>): never {
    this.#channel.call(request);
    throw new Error('the machine goes on after its end: the far end of the wire is broken');
  }
}
