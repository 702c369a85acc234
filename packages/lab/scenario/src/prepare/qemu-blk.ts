import { MachineSetupError } from '@dxelab/emulated-machine';
import type { QemuValue, QemuVirtioTransport } from '@dxelab/qemu-machine';
import type { VirtioBlkOptions } from '@dxelab/virtio-devices';
import type { HostedQemuDevice } from '../host.ts';
import type { Attachment } from './board.ts';
import type { PreparedDisk } from './prepared-device.ts';

/** What our device can be told and QEMU's cannot. */
const ONLY_EMULATED = [
  'topology',
  'segMax',
  'sizeMax',
  'latency',
  'status',
  'claimedCapacity',
] as const satisfies readonly (keyof VirtioBlkOptions)[];

/** A virtio disk as QEMU has it. @throws MachineSetupError if the scenario wants what QEMU cannot do */
export function qemuBlk(
  attachment: Attachment,
  { backend, writable }: PreparedDisk,
  options: Omit<VirtioBlkOptions, 'backend'>,
): HostedQemuDevice {
  const foreign = ONLY_EMULATED.filter((name) => options[name] !== undefined);
  if (foreign.length > 0) {
    throw new MachineSetupError(`QEMU's disk has no ${foreign.join(', ')}`);
  }
  const { readOnly = backend.readOnly, blockSize, ...others } = options;
  const { writeCache, serial, queueSize, discard, writeZeroes } = others;
  const settings = {
    logical_block_size: blockSize,
    physical_block_size: blockSize,
    'write-cache': writeCache,
    serial,
    'queue-size': queueSize,
    discard,
    'write-zeroes': writeZeroes,
  };
  return {
    type: 'blk',
    options: { ...placeOf(attachment), properties: given(settings) },
    disk: { backend, access: readOnly ? 'read-only' : writable ? 'write' : 'discard' },
  };
}

function placeOf({ transport, slot }: Attachment): QemuVirtioTransport {
  if (transport !== 'mmio') return { transport, slot };
  return { transport, slot: Number(slot.replace('mmio ', '')) };
}

/** What the scenario says; the rest is left as QEMU has it. */
function given(
  settings: Readonly<Record<string, QemuValue | undefined>>,
): Readonly<Record<string, QemuValue>> {
  const properties: Record<string, QemuValue> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) properties[name] = value;
  }
  return properties;
}
