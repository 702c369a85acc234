import {
  VIRTIO_F_EVENT_IDX,
  VIRTIO_F_IN_ORDER,
  VIRTIO_F_INDIRECT_DESC,
  VIRTIO_F_NOTIFICATION_DATA,
  VIRTIO_F_RING_PACKED,
  VIRTIO_F_RING_RESET,
} from '@dxelab/virtio';
import type { VirtioRingOptions } from '@dxelab/virtio-lib';
import { VIRTIO_RING_FEATURES } from '@dxelab/virtio-lib';
import * as z from 'zod';
import type { DriverRingInput, DriverRingsInput } from '../rings-input.ts';
import type { FirmwareData } from '../scenario.ts';
import { given } from '../units/given.ts';
import { mapping } from './mapping.ts';
import { wholeNumber, yesOrNo } from './scalars.ts';

/** The features, by the keys that ask for them: those under which devices offer them, too. */
const FEATURES = [
  ['indirect', VIRTIO_F_INDIRECT_DESC],
  ['eventIdx', VIRTIO_F_EVENT_IDX],
  ['packed', VIRTIO_F_RING_PACKED],
  ['inOrder', VIRTIO_F_IN_ORDER],
  ['notificationData', VIRTIO_F_NOTIFICATION_DATA],
  ['reset', VIRTIO_F_RING_RESET],
] as const satisfies readonly (readonly [keyof DriverRingInput, bigint])[];

const ALL: VirtioRingOptions = { wants: VIRTIO_RING_FEATURES };

const MAX_QUEUE = 32768;

const EXPECTED = "'all', or a ring such as { packed: true, eventIdx: true }";

const wanted = (name: string): z.ZodType<boolean | undefined, boolean | undefined> =>
  yesOrNo.optional().meta({ description: `whether ${name} is asked for; default no` });

const driverRingSchema: z.ZodType<VirtioRingOptions, 'all' | DriverRingInput> = z
  .union(
    [
      z.literal('all').transform(() => ALL),
      mapping(EXPECTED, {
        indirect: wanted('VIRTIO_F_INDIRECT_DESC'),
        eventIdx: wanted('VIRTIO_F_EVENT_IDX'),
        packed: wanted('VIRTIO_F_RING_PACKED'),
        inOrder: wanted('VIRTIO_F_IN_ORDER'),
        notificationData: wanted('VIRTIO_F_NOTIFICATION_DATA'),
        reset: wanted('VIRTIO_F_RING_RESET'),
        queueSize: wholeNumber(1, MAX_QUEUE)
          .optional()
          .meta({ description: "in descriptors, at most; default the device's" }),
        lengthWithoutWrite: yesOrNo.optional().meta({
          description:
            'whether used lengths of a packed ring count without WRITE, which QEMU never sets; default no',
        }),
      }).transform(ringOptions),
    ],
    { error: `expected ${EXPECTED}` },
  )
  .meta({ id: 'DriverRing', description: 'what a driver asks its rings to be like' });

/** What drivers of OVMF's ask their rings to be like, by their names. */
export const driverRingsSchema: z.ZodType<FirmwareData['rings'], DriverRingsInput> = mapping(
  'rings such as { VirtioBlkDxe: { packed: true } }',
  {
    VirtioBlkDxe: driverRingSchema.optional(),
    VirtioScsiDxe: driverRingSchema.optional(),
    VirtioRngDxe: driverRingSchema.optional(),
  },
).transform(given);

function ringOptions(asked: DriverRingInput): VirtioRingOptions {
  const { queueSize, lengthWithoutWrite } = asked;
  const wants = FEATURES.filter(([key]) => asked[key] === true)
    .map(([, feature]) => feature)
    .reduce((all, feature) => all | feature, 0n);
  return given({ wants, queueSize, lengthWithoutWrite });
}
