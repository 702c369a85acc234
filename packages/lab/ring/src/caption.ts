import type { RingPart } from './ring-part.ts';
import type { Moment } from './snapshot/replay.ts';
import { hasNext, isIndirect, isWritable } from './snapshot/descriptor.ts';
import type { RingRequest, RingSnapshot } from './snapshot/snapshot.ts';

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
      return deviceCaption(completed);
    case 'driver':
    default:
      return [partsCaption(frame.parts, moment.snapshot()), ...publishedCaption(published)].join(
        ' ',
      );
  }
}

function deviceCaption(completed: readonly RingRequest[]): string {
  if (completed.length === 0) return 'The device says which notifications it wants.';
  return completed
    .map(({ number, written, usedEntry }) =>
      usedEntry === undefined
        ? `Request ${number} is used with it, for requests are used in order.`
        : `The device has used request ${number}, and says that it wrote ${bytes(written ?? 0)}.`,
    )
    .join(' ');
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
  const purpose = isIndirect(descriptor)
    ? 'where a table of descriptors is'
    : `for the device to ${isWritable(descriptor) ? 'write' : 'read'}`;
  const next = nextCaption(index, snapshot);
  return `The driver writes descriptor ${index}: ${bytes(descriptor.length)} ${purpose}${next}.`;
}

function nextCaption(index: number, { format, size, descriptors }: RingSnapshot): string {
  const descriptor = descriptors[index];
  if (descriptor === undefined || !hasNext(descriptor)) return '; the chain ends here';
  const next = format === 'split' ? descriptor.nextOrId : (index + 1) % size;
  return `; descriptor ${next} comes next`;
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
