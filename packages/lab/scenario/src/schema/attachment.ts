import type { RingOptions } from '@dxelab/virtio-devices';
import * as z from 'zod';
import type { VirtioData } from '../scenario.ts';
import { VIRTIO_TRANSPORTS } from '../scenario-input.ts';
import type { VirtioTransportName } from '../scenario-input.ts';
import { ringSchema } from './ring-schema.ts';
import { slotSchema, yesOrNo } from './scalars.ts';

/** Where a function stands. */
export const slot: z.ZodType<string | undefined, string | undefined> = slotSchema.optional().meta({
  description: "device.function, such as '02.0'; without it, the next free device",
});

/** How a virtio device is attached. */
export const attachment: {
  readonly transport: z.ZodType<VirtioTransportName, VirtioTransportName | undefined>;
  readonly version: z.ZodType<1 | 2 | undefined, 1 | 2 | undefined>;
  readonly slot: typeof slot;
  readonly accessPlatform: z.ZodType<boolean | undefined, boolean | undefined>;
  readonly ring: z.ZodType<RingOptions | undefined, RingOptions | undefined>;
} = {
  transport: z
    .enum(VIRTIO_TRANSPORTS, {
      error: `expected a transport: ${VIRTIO_TRANSPORTS.map((word) => `'${word}'`).join(', ')}`,
    })
    .default('pci-modern')
    .meta({ description: 'how the driver reaches the device' }),
  version: z
    .literal([1, 2], { error: 'expected the version 1 or 2' })
    .optional()
    .meta({ description: "of the transport 'mmio': 1 is the legacy one; default 2" }),
  slot,
  accessPlatform: yesOrNo.optional().meta({
    description:
      'whether it insists on VIRTIO_F_ACCESS_PLATFORM; without it, where memory is private',
  }),
  ring: ringSchema,
};

/** Features of rings that only modern interfaces have. */
const BEYOND_LEGACY = ['packed', 'inOrder', 'notificationData', 'reset'] as const;

/** A slot is PCI's, a version MMIO's, and bits above 31 are beyond the legacy interface. */
export function checkAttachment(
  { transport, version, slot: where, accessPlatform = false, ring = {} }: VirtioData,
  context: z.core.$RefinementCtx,
): void {
  if (transport === 'mmio' && where !== undefined) {
    const message = 'a device on MMIO has no slot on PCI';
    context.addIssue({ code: 'custom', path: ['slot'], message });
  }
  if (transport !== 'mmio' && version !== undefined) {
    const message = "only the transport 'mmio' has versions";
    context.addIssue({ code: 'custom', path: ['version'], message });
  }
  const isModern = transport === 'pci-modern' || (transport === 'mmio' && version !== 1);
  if (accessPlatform && !isModern) {
    const message = 'a device with a legacy interface cannot insist on a feature above bit 31';
    context.addIssue({ code: 'custom', path: ['accessPlatform'], message });
  }
  const isLegacy = transport === 'pci-legacy' || (transport === 'mmio' && version === 1);
  for (const name of BEYOND_LEGACY) {
    if (!isLegacy || ring[name] !== true) continue;
    const message = 'a legacy interface has no features above bit 31';
    context.addIssue({ code: 'custom', path: ['ring', name], message });
  }
}
