import * as z from 'zod';
import type { BlockBackend } from '@dxelab/virtio-devices';
import type { ImageInput } from '../scenario-input.ts';
import type { ImageData } from '../scenario.ts';
import { live } from './live.ts';
import { mapping } from './mapping.ts';
import { sizeSchema, text } from './scalars.ts';

/** What a disk holds. */
export const imageSchema: z.ZodType<ImageData, ImageInput> = z
  .union(
    [
      text('the path of a disk image'),
      mapping('an empty disk such as { zeros: 64 MiB }', { zeros: sizeSchema }),
      live(isBlockBackend),
    ],
    { error: 'expected the path of a disk image, or an empty disk such as { zeros: 64 MiB }' },
  )
  .meta({ description: 'a raw disk image, relative to this file; or { zeros: SIZE }' });

function isBlockBackend(value: unknown): value is BlockBackend {
  return typeof value === 'object' && value !== null && 'read' in value && 'flush' in value;
}
