import * as z from 'zod';
import type { VirtioData } from '../scenario.ts';
import { VIRTIO_TRANSPORTS } from '../scenario-input.ts';
import type { VirtioTransportName } from '../scenario-input.ts';
import { slotSchema } from './scalars.ts';

/** Where a function stands. */
export const slot: z.ZodType<string | undefined, string | undefined> = slotSchema.optional().meta({
  description: "device.function, such as '02.0'; without it, the next free device",
});

/** How a virtio device is attached. */
export const attachment: {
  readonly transport: z.ZodType<VirtioTransportName, VirtioTransportName | undefined>;
  readonly version: z.ZodType<1 | 2 | undefined, 1 | 2 | undefined>;
  readonly slot: typeof slot;
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
};

/** A slot is PCI's, and a version MMIO's. */
export function checkAttachment(
  { transport, version, slot: where }: VirtioData,
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
}
