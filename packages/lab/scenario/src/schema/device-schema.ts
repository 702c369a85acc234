import * as z from 'zod';
import type { VirtioBlkStatus, VirtioBlkTopology } from '@dxelab/virtio-devices';
import type { DeviceData } from '../scenario.ts';
import type { CustomDevice, DeviceInput } from '../scenario-input.ts';
import { given } from '../units/given.ts';
import { attachment, checkAttachment, slot } from './attachment.ts';
import { imageSchema } from './image.ts';
import { live } from './live.ts';
import { mapping, oneOf } from './mapping.ts';
import { durationSchema, queueSizeSchema, text, wholeNumber, yesOrNo } from './scalars.ts';
import { virtioRngSchema } from './virtio-rng-schema.ts';
import { virtioScsiSchema } from './virtio-scsi-schema.ts';

const MAX_QUEUE = 32768;
const UINT32_MAX = 0xffff_ffff;

const topologySchema: z.ZodType<VirtioBlkTopology, VirtioBlkTopology> = mapping(
  'a topology: { physicalBlockExp, alignmentOffset, minIoSize, optIoSize }',
  {
    physicalBlockExp: wholeNumber(0, 255).exactOptional(),
    alignmentOffset: wholeNumber(0, 255).exactOptional(),
    minIoSize: wholeNumber(0, 0xffff).exactOptional(),
    optIoSize: wholeNumber(0, UINT32_MAX).exactOptional(),
  },
);

const STATUSES = ['OK', 'IOERR', 'UNSUPP'] as const satisfies readonly VirtioBlkStatus[];

const virtioBlkSchema = mapping('a virtio-blk device such as { image: disk.img }', {
  ...attachment,
  image: imageSchema,
  writable: yesOrNo
    .default(false)
    .meta({ description: 'whether writes go to the image itself, not to an overlay' }),
  readOnly: yesOrNo.default(false).meta({ description: 'whether the device refuses writes' }),
  blockSize: z
    .literal([512, 1024, 2048, 4096], { error: 'expected 512, 1024, 2048 or 4096' })
    .default(512)
    .meta({ description: 'the logical block, in bytes' }),
  topology: topologySchema.optional(),
  writeCache: yesOrNo.default(true),
  serial: z
    .string({ error: 'expected up to 20 characters' })
    .regex(/^[\x20-\x7e]{0,20}$/u, { error: 'expected up to 20 printable characters of ASCII' })
    .optional(),
  queueSize: queueSizeSchema.optional(),
  segMax: wholeNumber(1, MAX_QUEUE).optional(),
  sizeMax: wholeNumber(1, UINT32_MAX).optional(),
  discard: yesOrNo.optional(),
  writeZeroes: yesOrNo.optional(),
  latency: durationSchema.optional(),
  status: z
    .union([z.enum(STATUSES), live(isStatusFunction)], {
      error: `expected ${STATUSES.map((word) => `'${word}'`).join(', ')}`,
    })
    .optional()
    .meta({ description: 'how every well-formed request ends' }),
  claimedCapacity: live(isBigInt).optional(),
})
  .superRefine(checkAttachment)
  .meta({ description: 'a virtio block device' });

const bridgeSchema = mapping('a bridge such as { devices: [...] }', {
  slot,
  devices: z.lazy(() => devicesSchema).optional(),
}).meta({ description: 'a PCI-to-PCI bridge' });

const customSchema = mapping('a device of your own such as { device: ./my-device.ts }', {
  ...attachment,
  device: z
    .union([text('the path of a module'), live(isFactory)], {
      error: 'expected the path of a module that exports createDevice()',
    })
    .meta({ description: 'a module that exports createDevice()' }),
})
  .superRefine(checkAttachment)
  .meta({ description: 'a device of your own' });

/** One device, under the key that says what it is. */
const deviceSchema: z.ZodType<DeviceData, DeviceInput> = oneOf(
  'a device',
  ['virtio-blk', 'virtio-scsi', 'virtio-rng', 'pci-bridge', 'custom'],
  [
    mapping('a device', { 'virtio-blk': virtioBlkSchema }).transform(({ 'virtio-blk': blk }) =>
      virtioBlkData(blk),
    ),
    mapping('a device', { 'virtio-scsi': virtioScsiSchema }).transform(
      ({ 'virtio-scsi': scsi }) => scsi,
    ),
    mapping('a device', { 'virtio-rng': virtioRngSchema }).transform(
      ({ 'virtio-rng': rng }) => rng,
    ),
    mapping('a device', { 'pci-bridge': bridgeSchema }).transform(
      ({ 'pci-bridge': { slot: where, devices } }): DeviceData => ({
        kind: 'pci-bridge',
        slot: where,
        devices: devices ?? [],
      }),
    ),
    mapping('a device', { custom: customSchema }).transform(
      ({
        custom: { transport, version, slot: where, accessPlatform, ring, device },
      }): DeviceData => ({
        kind: 'custom',
        transport,
        version,
        slot: where,
        accessPlatform,
        ring,
        device,
      }),
    ),
  ],
);

/** The devices of one bus. */
export const devicesSchema: z.ZodType<readonly DeviceData[], readonly DeviceInput[]> = z
  .array(deviceSchema, { error: 'expected a list of devices' })
  .meta({ id: 'Devices' });

function virtioBlkData(blk: z.output<typeof virtioBlkSchema>): DeviceData {
  const { transport, version, slot: where, accessPlatform, ring, ...own } = blk;
  const attached = { transport, version, slot: where, accessPlatform, ring };
  const { image, writable, topology, ...rest } = own;
  return { kind: 'virtio-blk', ...attached, image, writable, topology, options: given(rest) };
}

function isStatusFunction(
  value: unknown,
): value is (type: number, sector: number) => VirtioBlkStatus | undefined {
  return typeof value === 'function';
}

function isBigInt(value: unknown): value is bigint {
  return typeof value === 'bigint';
}

function isFactory(value: unknown): value is () => CustomDevice {
  return typeof value === 'function';
}
