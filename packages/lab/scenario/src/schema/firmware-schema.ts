import { isDxeModule, PROFILES, QUIRKS } from '@dxelab/uefi-lib';
import * as z from 'zod';
import type { BootOptionData, FirmwareData } from '../scenario.ts';
import type { BootOptionInput, FirmwareInput } from '../scenario-input.ts';
import { driverRingsSchema } from './driver-ring-schema.ts';
import { interruptsSchema } from './interrupts-schema.ts';
import { live } from './live.ts';
import { mapping } from './mapping.ts';
import { devicePathSchema, text, yesOrNo } from './scalars.ts';
import { variablesSchema } from './variables-schema.ts';

const quirksSchema = mapping(
  "quirks such as { 'VirtioBlkDxe.ResetDoesNothing': true }",
  Object.fromEntries(
    Object.entries(QUIRKS).map(([name, description]) => [
      name,
      yesOrNo.exactOptional().meta({ description }),
    ]),
  ),
).meta({ description: 'single deviations, switched on or off whatever the profile says' });

const moduleSchema = z.union([text('the name or path of a module'), live(isDxeModule)], {
  error: "expected 'ovmf', a path such as ./my-driver.ts, or the name of a package",
});

const OPTION_EXPECTED = 'a device path, or { path, description }';

const bootOptionSchema: z.ZodType<BootOptionData, BootOptionInput> = z
  .union(
    [
      devicePathSchema.transform(({ path, text: shown }) => ({
        description: shown,
        devicePath: path,
      })),
      mapping(OPTION_EXPECTED, {
        path: devicePathSchema,
        description: text('a description').optional(),
      }).transform(({ path: { path, text: shown }, description }) => ({
        description: description ?? shown,
        devicePath: path,
      })),
    ],
    { error: `expected ${OPTION_EXPECTED}` },
  )
  .meta({ description: 'a device path, full or short' });

export const firmwareSchema: z.ZodType<FirmwareData, FirmwareInput> = mapping(
  'a firmware: { profile, drivers, … }',
  {
    profile: z
      .enum(PROFILES, { error: "expected 'specification' or 'edk2'" })
      .default('specification')
      .meta({ description: 'what the standards say, or what ships' }),
    quirks: quirksSchema.default({}),
    drivers: z
      .array(moduleSchema, { error: 'expected a list of drivers such as [ovmf, ./my-driver.ts]' })
      .default(['ovmf'])
      .meta({ description: "'ovmf', paths relative to this file, or packages; in this order" }),
    rings: driverRingsSchema
      .default({})
      .meta({ description: "what OVMF's drivers ask their rings to be like, by their names" }),
    memoryGuard: yesOrNo
      .default(false)
      .meta({ description: 'whether misuse of guest memory by drivers is looked for; it is slow' }),
    interrupts: interruptsSchema
      .default({})
      .meta({ description: 'how the timer interrupts, and how deep interrupts may nest' }),
    variables: variablesSchema.optional(),
    bootOptions: z
      .array(bootOptionSchema, { error: 'expected a list of device paths' })
      .default([])
      .meta({ description: 'tried in this order, behind BootNext and before BootOrder' }),
    standIns: z
      .record(z.string(), moduleSchema, {
        error: String.raw`expected stand-ins such as { '\EFI\BOOT\BOOTX64.EFI': ./loader.ts }`,
      })
      .default({})
      .meta({ description: 'TypeScript modules that run in place of image files' }),
  },
).meta({ description: 'what runs on the machine' });
