import type { CompletionMode, RingOptions } from '@dxelab/virtio-devices';
import * as z from 'zod';
import { mapping } from './mapping.ts';
import { yesOrNo } from './scalars.ts';

const COMPLETIONS = ['each', 'batch', 'shuffled'] as const satisfies readonly CompletionMode[];

function feature(
  name: string,
  usual: boolean,
): z.ZodType<boolean | undefined, boolean | undefined> {
  return yesOrNo.optional().meta({
    description: `whether ${name} is offered; default ${usual ? 'yes' : 'no'}`,
  });
}

/** What a virtio device offers for its rings, and how it uses them. */
export const ringSchema: z.ZodType<RingOptions | undefined, RingOptions | undefined> = mapping(
  'what is offered for the rings, such as { packed: true }',
  {
    indirect: feature('VIRTIO_F_INDIRECT_DESC', true),
    eventIdx: feature('VIRTIO_F_EVENT_IDX', true),
    packed: feature('VIRTIO_F_RING_PACKED', false),
    inOrder: feature('VIRTIO_F_IN_ORDER', false),
    notificationData: feature('VIRTIO_F_NOTIFICATION_DATA', false),
    reset: feature('VIRTIO_F_RING_RESET', true),
    completion: z
      .enum(COMPLETIONS, {
        error: `expected ${COMPLETIONS.map((word) => `'${word}'`).join(', ')}`,
      })
      .optional()
      .meta({
        description: 'how chains are given back; default each, and in order in batches',
      }),
    notifyWhileBusy: yesOrNo.optional().meta({
      description:
        'whether it wants to be notified while it works, or looks by itself when it is done; default yes',
    }),
  },
)
  .meta({ id: 'Ring', description: 'what the device offers for its rings' })
  .optional();
