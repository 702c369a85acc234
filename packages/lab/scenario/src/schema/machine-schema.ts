import * as z from 'zod';
import type { MachineData } from '../scenario.ts';
import { MACHINE_KINDS, QEMU_MACHINES } from '../scenario-input.ts';
import type { MachineInput } from '../scenario-input.ts';
import { devicesSchema } from './device-schema.ts';
import { mapping } from './mapping.ts';
import { durationSchema, sizeSchema, wholeNumber, yesOrNo } from './scalars.ts';
import { inputSchema } from './input-schema.ts';
import { timeSchema } from './time-schema.ts';

const MIB = 2 ** 20;
const PAGE = 4096;
const SIX_GIB = 6 * 2 ** 30;

/**
 * Enough for a loader that reads a large kernel, and the end, within seconds, of a driver that polls
 * for ever.
 */
const DEFAULT_TIME = '1 min';
const DEFAULT_ACCESSES = 200_000_000;
/** Always the same, so that a boot can be repeated. */
const DEFAULT_CLOCK = '2026-01-01T00:00:00Z';

const budgetSchema = mapping('a budget: { virtualTime, accesses }', {
  virtualTime: durationSchema.prefault(DEFAULT_TIME),
  accesses: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'a number of accesses, at least 1').default(
    DEFAULT_ACCESSES,
  ),
}).meta({ description: 'what a boot may use before it is ended with a report' });

export const machineSchema: z.ZodType<MachineData, MachineInput> = mapping(
  'a machine: { memory, devices, … }',
  {
    kind: z
      .enum(MACHINE_KINDS, { error: "expected the kind 'emulated' or 'qemu'" })
      .default('emulated')
      .meta({ description: 'whether devices are ours or those of a real QEMU' }),
    machine: z
      .enum(QEMU_MACHINES, { error: "expected the machine 'pc', 'q35' or 'microvm' of QEMU's" })
      .optional()
      .meta({
        description: "which of QEMU's machines; without it, the one that has the transports",
      }),
    memory: sizeSchema.prefault('256 MiB').refine(isRam, {
      error: 'expected whole pages of 4 KiB, from 1 MiB to 6 GiB',
    }),
    privateMemory: yesOrNo.default(false).meta({
      description: 'whether devices reach only pages that the CPU has shared, as under SEV or TDX',
    }),
    seed: wholeNumber(0, 0xffff_ffff)
      .default(0)
      .meta({ description: "of the machine's random numbers: same seed, same run" }),
    time: timeSchema.prefault(DEFAULT_CLOCK).meta({
      description: "what the clock shows at power-on, in UTC, or 'host' for the time of the host",
    }),
    input: inputSchema.default([]),
    budget: budgetSchema.prefault({}),
    devices: devicesSchema.default([]),
  },
).meta({ description: 'what the firmware runs on' });

function isRam(bytes: number): boolean {
  return bytes % PAGE === 0 && bytes >= MIB && bytes <= SIX_GIB;
}
