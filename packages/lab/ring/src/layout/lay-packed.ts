import {
  VIRTQ_DESC_F_AVAIL,
  VIRTQ_DESC_F_USED,
  VIRTQ_EVENT_F_DESC,
  VIRTQ_EVENT_F_DISABLE,
  VIRTQ_EVENT_F_ENABLE,
} from '@dxelab/virtio';
import type { RingPicture } from '../picture.ts';
import { hasNext } from '../snapshot/descriptor.ts';
import type { EventSuppression, PackedSnapshot, RingPosition } from '../snapshot/snapshot.ts';
import type { LayoutArrow, LayoutFact, LayoutTable, RingBody } from './layout.ts';
import { Owners } from './owners.ts';
import { layTable, rowOf } from './table.ts';
import { addressText, flagsText, inFlightSlots, isBlank, NOTHING } from './words.ts';

/** Names of event suppression's flags (virtio §2.8.10). */
const WANTED: Readonly<Record<number, string>> = {
  [VIRTQ_EVENT_F_ENABLE]: 'ENABLE',
  [VIRTQ_EVENT_F_DISABLE]: 'DISABLE',
  [VIRTQ_EVENT_F_DESC]: 'DESC',
};

/** What a packed ring shows: one ring that both write, and who wants to be notified (virtio §2.8). */
export function layPacked(picture: RingPicture, snapshot: PackedSnapshot): RingBody {
  const table = ringTable(picture, snapshot);
  return { tables: [table], arrows: arrowsOf(table, snapshot) };
}

function ringTable(picture: RingPicture, snapshot: PackedSnapshot): LayoutTable {
  const { request, fresh } = picture;
  const { size, descriptors, prepared, inFlight, nextAvailable, nextUsed } = snapshot;
  const { driverEvent, deviceEvent } = snapshot;
  const owners = new Owners(picture);
  const isFresh = new Set(fresh);
  return layTable({
    name: 'Descriptor ring',
    writer: 'driver and device write',
    facts: [
      {
        name: 'in flight',
        value: `${inFlightSlots(inFlight)} of ${size} descriptors`,
        fresh: false,
      },
      eventFact('driver wants', driverEvent, isFresh.has('driver-event')),
      eventFact('device wants', deviceEvent, isFresh.has('device-event')),
    ],
    columns: [
      { name: 'address', align: 'left' },
      { name: 'length', align: 'right' },
      { name: 'id', align: 'right' },
      { name: 'AVAIL', align: 'right' },
      { name: 'USED', align: 'right' },
      { name: 'flags', align: 'left' },
    ],
    size,
    matters: [
      ...request.slots,
      ...prepared,
      ...owners.slots,
      nextAvailable.offset,
      nextUsed.offset,
    ],
    slot: (slot) => {
      const descriptor = descriptors[slot];
      const written = isFresh.has(`descriptor ${slot}`);
      const pointer = pointerText(slot, nextAvailable, nextUsed);
      const owned = owners.of(slot);
      if (descriptor === undefined || isBlank(descriptor)) {
        const cells = [NOTHING, NOTHING, NOTHING, '0', '0', NOTHING];
        return { cells, ...owned, pointer, fresh: written };
      }
      const { address, length, nextOrId: id, flags } = descriptor;
      const cells = [
        addressText(address),
        String(length),
        String(id),
        (flags & VIRTQ_DESC_F_AVAIL) === 0 ? '0' : '1',
        (flags & VIRTQ_DESC_F_USED) === 0 ? '0' : '1',
        flagsText(descriptor),
      ];
      return { cells, ...owned, pointer, fresh: written };
    },
  });
}

/** From each descriptor of a list to the next one, which follows it in the ring (virtio §2.8.6). */
function arrowsOf(
  table: LayoutTable,
  { descriptors, size }: PackedSnapshot,
): readonly LayoutArrow[] {
  return table.rows.flatMap((row, index): readonly LayoutArrow[] => {
    if (row.kind === 'fold' || row.state === 'idle') return [];
    const descriptor = descriptors[row.slot];
    if (descriptor === undefined || !hasNext(descriptor)) return [];
    const next = rowOf(table, (row.slot + 1) % size);
    if (next === undefined) return [];
    return [{ kind: 'next', from: { table: 0, row: index }, to: { table: 0, row: next } }];
  });
}

/** Where each side goes on, with its wrap counter. */
function pointerText(slot: number, driver: RingPosition, device: RingPosition): string | undefined {
  const texts = [
    ...(driver.offset === slot ? [`driver, wrap ${driver.wrap}`] : []),
    ...(device.offset === slot ? [`device, wrap ${device.wrap}`] : []),
  ];
  return texts.length === 0 ? undefined : texts.join(' · ');
}

function eventFact(name: string, event: EventSuppression, fresh: boolean): LayoutFact {
  const word = WANTED[event.flags] ?? `flags ${event.flags}`;
  const where = event.flags === VIRTQ_EVENT_F_DESC ? ` ${event.offset}, wrap ${event.wrap}` : '';
  return { name, value: `${word}${where}`, fresh };
}
