import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import { VRING_DESC_F_INDIRECT } from '@dxelab/virtio';
import type { RingChange, RingImage } from '../ring-image.ts';
import { applyChanges, blankImage, changeBetween, copyImage } from '../ring-image.ts';
import type { RingPart } from '../ring-part.ts';
import { partKey, partsOf } from '../ring-part.ts';
import type { RingAreaName, RingPlace } from '../ring-place.ts';
import { areaLength, RING_AREAS } from '../ring-place.ts';
import { descriptorAt } from '../snapshot/descriptor.ts';
import type { Frame, IndirectTable, QueueRecording } from './frame.ts';

/** What a driver says of the length of an indirect table is not to be trusted with the lab's memory. */
const LONGEST_TABLE = 0x10000;

/** Writes down one queue, from its bytes in guest RAM: it knows nothing of drivers and devices. */
export class QueueRecorder implements QueueRecording {
  readonly device: string;
  readonly queue: number;
  readonly #ram: GuestRam;
  readonly #now: () => number;
  readonly #frames: Frame[] = [];
  #place: RingPlace | undefined;
  #image: RingImage = {
    descriptors: new Uint8Array(),
    driver: new Uint8Array(),
    device: new Uint8Array(),
  };
  /** What the driver is writing: several accesses to one part are one frame. */
  #pending: readonly RingPart[] = [];
  /** Descriptors that were written since the last notification. */
  readonly #written = new Set<number>();

  /** @param now the time since power-on, in nanoseconds */
  constructor(device: string, queue: number, ram: GuestRam, now: () => number) {
    this.device = device;
    this.queue = queue;
    this.#ram = ram;
    this.#now = now;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  setUp(place: RingPlace): void {
    this.#place = place;
    this.#pending = [];
    this.#written.clear();
    this.#image = blankImage(place);
    for (const area of RING_AREAS)
      this.#image[area].set(this.#read(area, 0, areaLength(place, area)));
    this.#frames.push({ kind: 'set-up', time: this.#now(), place, image: copyImage(this.#image) });
  }

  /** The driver has written to RAM. @param length in bytes */
  written(address: number, length: number): void {
    const place = this.#place;
    if (place === undefined) return;
    for (const area of RING_AREAS) {
      if (!overlaps(place, area, address, length)) continue;
      const parts = partsOf(place, area, address - place[area], length);
      if (!sameParts(parts, this.#pending)) this.#flush();
      this.#pending = parts;
      for (const { kind, index } of parts) if (kind === 'descriptor') this.#written.add(index);
    }
  }

  /** The driver has read RAM: where it sees whether something was used, it may have seen just that. */
  looked(address: number, length: number): void {
    const place = this.#place;
    if (place === undefined) return;
    const area = place.format === 'packed' ? 'descriptors' : 'device';
    if (overlaps(place, area, address, length)) this.look();
  }

  /** Writes down what has come from the device. */
  look(): void {
    if (this.#place === undefined) return;
    this.#flush();
    const areas: readonly RingAreaName[] =
      this.#place.format === 'packed' ? ['descriptors', 'device'] : ['device'];
    const changes = areas.flatMap((area) => this.#change(area, 0, this.#image[area].length));
    if (changes.length > 0) this.#frames.push({ kind: 'device', time: this.#now(), changes });
  }

  notified(): void {
    if (this.#place === undefined) return;
    this.#flush();
    this.#written.clear();
    this.#frames.push({ kind: 'notify', time: this.#now() });
  }

  takenBack(): void {
    if (this.#place === undefined) return;
    this.look();
    this.#frames.push({ kind: 'taken-back', time: this.#now() });
    this.#place = undefined;
  }

  /** What the driver was writing is written. */
  #flush(): void {
    const parts = this.#pending;
    if (parts.length === 0) return;
    this.#pending = [];
    const changes = parts.flatMap(({ area, offset, length }) => this.#change(area, offset, length));
    const tables = parts.some(canPublish) ? this.#tables() : [];
    this.#frames.push({ kind: 'driver', time: this.#now(), parts, changes, tables });
  }

  /** What a piece of an area has become; it is remembered. */
  #change(area: RingAreaName, offset: number, length: number): readonly RingChange[] {
    const change = changeBetween(area, this.#image[area], this.#read(area, offset, length), offset);
    if (change === undefined) return [];
    applyChanges(this.#image, [change]);
    return [change];
  }

  /** The indirect tables of the descriptors that were written for the next notification. */
  #tables(): readonly IndirectTable[] {
    const place = this.#place;
    if (place === undefined) return [];
    return [...this.#written].flatMap((descriptor) => {
      const { address, length, flags } = descriptorAt(
        this.#image.descriptors,
        place.format,
        descriptor,
      );
      if ((flags & VRING_DESC_F_INDIRECT) === 0 || length > LONGEST_TABLE) return [];
      return [{ descriptor, bytes: this.#bytes(Number(address), length) }];
    });
  }

  #read(area: RingAreaName, offset: number, length: number): Uint8Array {
    return this.#bytes((this.#place?.[area] ?? 0) + offset, length);
  }

  /** A driver can say that its ring is where no RAM is: then it is shown as zeros. */
  #bytes(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    try {
      this.#ram.readBytes(address, bytes);
    } catch (caught) {
      if (!(caught instanceof PlatformFault)) throw caught;
    }
    return bytes;
  }
}

/** Whether the driver may have made something available with it. */
function canPublish({ kind }: RingPart): boolean {
  return kind === 'available-index' || kind === 'descriptor';
}

function overlaps(place: RingPlace, area: RingAreaName, address: number, length: number): boolean {
  const begin = place[area];
  return address < begin + areaLength(place, area) && address + length > begin;
}

function sameParts(left: readonly RingPart[], right: readonly RingPart[]): boolean {
  const [first] = left;
  const [other] = right;
  if (left.length !== 1 || right.length !== 1 || first === undefined || other === undefined) {
    return false;
  }
  return partKey(first) === partKey(other);
}
