import * as z from 'zod';
import type {
  VirtioScsiCommand,
  VirtioScsiResponse,
  VirtioScsiTmf,
  VirtioScsiTmfResponse,
} from '@dxelab/virtio-devices';
import type { ScsiUnitData, VirtioScsiData } from '../scenario.ts';
import type { VirtioScsiInput } from '../scsi-input.ts';
import { DURATION_PATTERN, parseDuration } from '../units/duration.ts';
import { given } from '../units/given.ts';
import { attachment, checkAttachment } from './attachment.ts';
import { live } from './live.ts';
import { mapping } from './mapping.ts';
import { queueSizeSchema, wholeNumber, yesOrNo } from './scalars.ts';
import { scsiUnitSchema } from './scsi-unit-schema.ts';
import type { UnplacedUnit } from './scsi-unit-schema.ts';

const UINT32_MAX = 0xffff_ffff;

const RESPONSES = [
  'OK',
  'OVERRUN',
  'ABORTED',
  'BAD_TARGET',
  'RESET',
  'BUSY',
  'TRANSPORT_FAILURE',
  'TARGET_FAILURE',
  'NEXUS_FAILURE',
  'FAILURE',
] as const satisfies readonly VirtioScsiResponse[];

const TMF_RESPONSES = [
  'FUNCTION_COMPLETE',
  'FUNCTION_SUCCEEDED',
  'FUNCTION_REJECTED',
  'INCORRECT_LUN',
  'BAD_TARGET',
  'BUSY',
  'TRANSPORT_FAILURE',
  'TARGET_FAILURE',
  'NEXUS_FAILURE',
  'FAILURE',
  'never',
] as const satisfies readonly (VirtioScsiTmfResponse | 'never')[];

const TIME_EXPECTED = "a duration such as '50 us', or 'never'";

/** Nanoseconds; infinitely many for a command that does not end by itself. */
const commandTimeSchema = z
  .string({ error: `expected ${TIME_EXPECTED}` })
  .regex(new RegExp(`${DURATION_PATTERN.source}|^never$`, 'u'), {
    error: `expected ${TIME_EXPECTED}`,
  })
  .transform((text, context) => {
    const time = text === 'never' ? Infinity : parseDuration(text);
    if (time !== undefined) return time;
    context.addIssue({ code: 'custom', message: `expected ${TIME_EXPECTED}` });
    return z.NEVER;
  });

export const virtioScsiSchema: z.ZodType<VirtioScsiData, VirtioScsiInput> = mapping(
  'a virtio-scsi device such as { units: [disk: { image: disk.img }] }',
  {
    ...attachment,
    units: z
      .array(scsiUnitSchema, { error: 'expected a list of disks and cdroms' })
      .default([])
      .meta({ description: 'the disks and CD-ROM drives behind it' }),
    requestQueues: wholeNumber(1, 64).optional().meta({ description: 'how many; default 1' }),
    queueSize: queueSizeSchema.optional(),
    segMax: wholeNumber(1, 32768).optional(),
    maxSectors: wholeNumber(1, UINT32_MAX)
      .optional()
      .meta({ description: 'the hint for the largest transfer, in sectors of 512 bytes' }),
    cmdPerLun: wholeNumber(1, UINT32_MAX).optional(),
    maxTarget: wholeNumber(0, 255).optional(),
    maxLun: wholeNumber(0, 16383).optional(),
    inout: yesOrNo
      .optional()
      .meta({ description: 'whether a command may move data both ways; default false' }),
    hotplug: yesOrNo.optional(),
    paramChange: yesOrNo.optional(),
    latency: z
      .union([commandTimeSchema, live(isLatency)], { error: `expected ${TIME_EXPECTED}` })
      .optional()
      .meta({ description: 'how long a command takes; never: until it is aborted' }),
    response: z
      .union([z.enum(RESPONSES), live(isResponse)], {
        error: `expected ${RESPONSES.map((word) => `'${word}'`).join(', ')}`,
      })
      .optional()
      .meta({ description: 'how every well-formed command ends' }),
    taskManagement: z
      .union([z.enum(TMF_RESPONSES), live(isTaskManagement)], {
        error: `expected ${TMF_RESPONSES.map((word) => `'${word}'`).join(', ')}`,
      })
      .optional()
      .meta({ description: 'how every task management function ends; never: it does not' }),
  },
)
  .superRefine(checkAttachment)
  .transform(
    (
      { transport, version, slot, accessPlatform, ring, units, ...options },
      context,
    ): VirtioScsiData => {
      const placed = placeUnits(units);
      checkPlaces(placed, options, context);
      const attached = { transport, version, slot, accessPlatform, ring };
      return { kind: 'virtio-scsi', ...attached, units: placed, options: given(options) };
    },
  )
  .meta({ description: 'a virtio SCSI host, with disks and CD-ROM drives' });

/** Gives targets to those that name none: each the lowest that nobody names. */
function placeUnits(units: readonly UnplacedUnit[]): readonly ScsiUnitData[] {
  const taken = new Set(units.map(({ target }) => target));
  return units.map((unit) => {
    let target = unit.target ?? 0;
    if (unit.target === undefined) while (taken.has(target)) target++;
    taken.add(target);
    return { ...unit, target };
  });
}

/** No two in one place, and none where the device says that there is nothing. */
function checkPlaces(
  units: readonly ScsiUnitData[],
  {
    maxTarget = 255,
    maxLun = 16383,
  }: { maxTarget?: number | undefined; maxLun?: number | undefined },
  context: z.core.$RefinementCtx,
): void {
  const taken = new Map<string, number>();
  for (const [index, { type, target, lun }] of units.entries()) {
    const issue = (key: 'target' | 'lun', message: string): void =>
      context.addIssue({ code: 'custom', path: ['units', index, type, key], message });
    const place = `${target}:${lun}`;
    const holder = taken.get(place);
    if (holder !== undefined) {
      issue('lun', `target ${target} has a LUN ${lun} already: units[${holder}]`);
    }
    taken.set(place, holder ?? index);
    if (target > maxTarget) issue('target', `expected at most ${maxTarget}, which is maxTarget`);
    if (lun > maxLun) issue('lun', `expected at most ${maxLun}, which is maxLun`);
  }
}

function isLatency(value: unknown): value is (command: VirtioScsiCommand) => number {
  return typeof value === 'function';
}

function isResponse(
  value: unknown,
): value is (command: VirtioScsiCommand) => VirtioScsiResponse | undefined {
  return typeof value === 'function';
}

function isTaskManagement(
  value: unknown,
): value is (tmf: VirtioScsiTmf) => VirtioScsiTmfResponse | 'never' | undefined {
  return typeof value === 'function';
}
