import { MachineSetupError } from '@dxelab/emulated-machine';
import type { VirtioBlkOptions } from '@dxelab/virtio-devices';
import type { HostedQemuDevice } from '../host.ts';
import type { Attachment } from './board.ts';
import { placeOnQemu } from './qemu-place.ts';
import type { PreparedDisk } from './prepared-disk.ts';

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
    options: placeOnQemu(attachment, settings),
    disk: { backend, access: readOnly ? 'read-only' : writable ? 'write' : 'discard' },
  };
}
