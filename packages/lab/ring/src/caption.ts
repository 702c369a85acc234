import { VIRTQ_DESC_F_AVAIL } from '@dxelab/virtio';
import type { RingPart } from './ring-part.ts';
import type { Moment } from './snapshot/replay.ts';
import { hasNext, isIndirect, isWritable } from './snapshot/descriptor.ts';
import { isAvailable } from './snapshot/read-packed.ts';
import type { PackedSnapshot, RingRequest, RingSnapshot } from './snapshot/snapshot.ts';

const DEVICES_AREA = "The driver writes into the device's area, which it must not.";

/** Says what has just happened, for who has not read the specification. */
export function captionOf(moment: Moment): string {
  const { frame, published, completed } = moment;
  switch (frame.kind) {
    case 'set-up':
      return 'The driver sets the queue up.';
    case 'notify':
      return 'The driver notifies the device: there is something new on this queue.';
    case 'taken-back':
      return 'The driver takes the queue back.';
    case 'device':
      return deviceCaption(completed, moment.snapshot());
    case 'driver':
    default:
      return driverCaption(frame.parts, published, moment.snapshot());
  }
}

function deviceCaption(completed: readonly RingRequest[], snapshot: RingSnapshot): string {
  if (completed.length === 0) return 'The device says which notifications it wants.';
  const sentences = completed.map(({ number, written, usedEntry }) => {
    if (usedEntry === undefined) return `Request ${number} is used with it: the order is kept.`;
    const how =
      snapshot.format === 'split'
        ? `in element ${usedEntry} of the used ring`
        : `with a used descriptor in place of descriptor ${usedEntry}, where AVAIL and USED are alike`;
    return `The device has used request ${number} and says so ${how}: it wrote ${bytes(written ?? 0)}.`;
  });
  if (snapshot.format === 'split') sentences.push(`The used index is ${snapshot.used.index}.`);
  return sentences.join(' ');
}

function driverCaption(
  parts: readonly RingPart[],
  published: readonly RingRequest[],
  snapshot: RingSnapshot,
): string {
  const [first] = published;
  const what =
    snapshot.format === 'packed' && first !== undefined && first.slots.length > 1
      ? headCaption(first, snapshot)
      : partsCaption(parts, snapshot);
  return [what, ...publishedCaption(published)].join(' ');
}

/** What makes a list available, and so comes last (virtio §2.8.21.1). */
function headCaption({ entry }: RingRequest, { descriptors }: PackedSnapshot): string {
  const { flags = 0 } = descriptors[entry] ?? {};
  const available = (flags & VIRTQ_DESC_F_AVAIL) === 0 ? 0 : 1;
  return (
    `The driver writes the flags of the head, descriptor ${entry}, last: ` +
    `AVAIL ${available}, as its wrap counter, and USED ${1 - available}.`
  );
}

function publishedCaption(published: readonly RingRequest[]): readonly string[] {
  if (published.length === 0) return [];
  const numbers = published.map(({ number }) => number);
  const which =
    numbers.length === 1 ? `request ${numbers[0]} is` : `requests ${numbers.join(', ')} are`;
  return [`With that ${which} the device's.`];
}

function partsCaption(parts: readonly RingPart[], snapshot: RingSnapshot): string {
  const [part] = parts;
  if (part === undefined || parts.length > 1)
    return `The driver writes ${parts.length} parts at once.`;
  if (part.kind === 'descriptor') return descriptorCaption(part.index, snapshot);
  if (part.kind === 'driver-event') return 'The driver says which notifications it wants.';
  if (snapshot.format === 'packed') return DEVICES_AREA;
  const { available } = snapshot;
  switch (part.kind) {
    case 'available-entry':
      return (
        `The driver puts the head, descriptor ${available.entries[part.index]}, into entry ${part.index} ` +
        'of the available ring, where the device does not look yet.'
      );
    case 'available-index':
      return `The driver advances the available index to ${available.index}.`;
    case 'used-event':
      return `The driver asks to hear of it when the used index passes ${available.usedEvent}.`;
    case 'available-flags':
      return available.flags === 0
        ? 'The driver asks for a notification of whatever is used.'
        : 'The driver asks for no notifications: it looks for itself.';
    case 'used-flags':
    case 'used-index':
    case 'used-element':
    case 'available-event':
    case 'device-event':
    default:
      return DEVICES_AREA;
  }
}

function descriptorCaption(index: number, snapshot: RingSnapshot): string {
  const descriptor = snapshot.descriptors[index];
  if (descriptor === undefined) return `The driver writes descriptor ${index}.`;
  const { length } = descriptor;
  if (snapshot.format === 'packed' && isUnseen(index, snapshot)) {
    return `The driver writes descriptor ${index}, but not as available: ${bytes(length)}. Until its flags say so, the device does not see the list.`;
  }
  const purpose = isIndirect(descriptor)
    ? 'where a table of descriptors is'
    : `for the device to ${isWritable(descriptor) ? 'write' : 'read'}`;
  return `The driver writes descriptor ${index}: ${bytes(length)} ${purpose}${nextCaption(index, snapshot)}.`;
}

/** Whether the driver has not made a descriptor available yet: its flags are those of an earlier round. */
function isUnseen(
  index: number,
  { descriptors, inFlight, nextAvailable }: PackedSnapshot,
): boolean {
  const descriptor = descriptors[index];
  if (descriptor === undefined || inFlight.some(({ slots }) => slots.includes(index))) return false;
  const { offset, wrap } = nextAvailable;
  const earlier = wrap === 1 ? 0 : 1;
  return !isAvailable(descriptor, index >= offset ? wrap : earlier);
}

function nextCaption(index: number, { format, size, descriptors }: RingSnapshot): string {
  const descriptor = descriptors[index];
  if (descriptor === undefined || !hasNext(descriptor)) return '; the request ends here';
  const next = format === 'split' ? descriptor.nextOrId : (index + 1) % size;
  return `; descriptor ${next} comes next`;
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
