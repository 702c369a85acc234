import type { EfiResetType } from '@dxelab/uefi';
import { Cycles } from '../cycles.ts';
import { GuestRam } from '../guest-ram.ts';
import type { Platform } from '../platform.ts';
import type { TerminalSignal } from '../terminal-signal.ts';
import type { Tracer } from '../tracer.ts';
import { TracedAddressSpace } from './traced-address-space.ts';
import { TracedProcessor } from './traced-processor.ts';
import { TracedRam } from './traced-ram.ts';

/**
 * Wraps any machine so that all the firmware does to it is traced: each access to RAM, MMIO and ports,
 * fences, the clock and interrupts. It costs no virtual time: a traced boot is the same boot.
 */
export function tracePlatform(platform: Platform, trace: Tracer): Platform {
  const processor = new TracedProcessor(platform.clock, platform.cpu, trace);
  // The wrapped RAM charges its accesses itself. No window: the storage is to see every access.
  const free = new Cycles(() => {});
  return {
    ram: new GuestRam(free, new TracedRam(platform.ram, trace)),
    mmio: new TracedAddressSpace(
      platform.mmio,
      (access) => trace('waist_mmio_read', access),
      (access) => trace('waist_mmio_write', access),
    ),
    ports: new TracedAddressSpace(
      platform.ports,
      (access) => trace('waist_port_read', access),
      (access) => trace('waist_port_write', access),
    ),
    clock: processor,
    cpu: processor,
    cycles: platform.cycles,
    hobs: platform.hobs,
    reset(type: EfiResetType, message: string): never {
      trace('waist_reset', { type, message });
      return platform.reset(type, message);
    },
    end(signal: TerminalSignal): never {
      trace('waist_end', { kind: signal.kind, message: signal.message });
      return platform.end(signal);
    },
  };
}
