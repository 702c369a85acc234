import * as z from 'zod';
import type { EntropySource } from '@dxelab/virtio-devices';
import type { VirtioRngData } from '../scenario.ts';
import type { VirtioRngInput } from '../scenario-input.ts';
import { ENTROPY_NAMES } from '../scenario-input.ts';
import { given } from '../units/given.ts';
import { attachment, checkAttachment } from './attachment.ts';
import { live } from './live.ts';
import { mapping } from './mapping.ts';
import { durationSchema, queueSizeSchema, wholeNumber } from './scalars.ts';

export const virtioRngSchema: z.ZodType<VirtioRngData, VirtioRngInput> = mapping(
  'a virtio-rng device such as { entropy: seeded }',
  {
    ...attachment,
    entropy: z
      .union([z.enum(ENTROPY_NAMES), live(isEntropySource)], {
        error: `expected ${ENTROPY_NAMES.map((name) => `'${name}'`).join(' or ')}`,
      })
      .default('seeded')
      .meta({ description: "where entropy comes from: the machine's seed, or the host" }),
    bytesPerAnswer: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'a number of bytes')
      .optional()
      .meta({ description: 'of an answer at most; 0 for a device that never has any' }),
    queueSize: queueSizeSchema.optional(),
    latency: durationSchema.optional(),
  },
)
  .superRefine(checkAttachment)
  .transform(
    ({ transport, version, slot, accessPlatform, ring, entropy, ...options }): VirtioRngData => ({
      kind: 'virtio-rng',
      transport,
      version,
      slot,
      accessPlatform,
      ring,
      entropy,
      options: given(options),
    }),
  )
  .meta({ description: 'a virtio entropy device' });

function isEntropySource(value: unknown): value is EntropySource {
  return typeof value === 'function';
}
