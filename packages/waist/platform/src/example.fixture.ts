import { RemotePlatform, servePlatform, tracePlatform } from './index.ts';
import type { Platform } from './index.ts';

/** Looks at the time stamp that the machine keeps at 0x800, as firmware would. */
export function ageOf({ ram, clock }: Platform): number {
  return clock.now() - ram.readUint32(0x800);
}

/** The same machine, over a wire that nothing but bytes crosses. */
export function overWire(machine: Platform): Platform {
  const serve = servePlatform(machine);
  return new RemotePlatform((request) => serve(request));
}

/** The same machine, with every access written down. */
export function underTrace(machine: Platform, lines: string[]): Platform {
  return tracePlatform(machine, (name, fields) => lines.push(`${name} ${JSON.stringify(fields)}`));
}
