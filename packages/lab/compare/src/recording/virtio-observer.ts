import type { GuestRam } from '@dxelab/platform';
import { VIRTIO_F_RING_PACKED, VIRTIO_PAGE_SIZE } from '@dxelab/virtio';
import type { DeviceLog } from './device-log.ts';
import { ADDRESS, valueFact } from './device-log.ts';
import { QueueObserver } from './queue-observer.ts';
import type { QueueWatcher } from './queue-watcher.ts';
import type { Fact } from './recording.ts';
import type { RegisterPlace, RegisterRole } from './registers.ts';

/** An access of the CPU to one register of a device. */
export interface RegisterAccess {
  readonly place: RegisterPlace;
  readonly write: boolean;
  /** In bytes. */
  readonly width: number;
  readonly value: number | bigint;
}

/** What a driver has said of a queue that it prepares. */
interface QueueDraft {
  size: number;
  descriptors: number;
  driver: number;
  device: number;
}

/** Registers that hold addresses, which every machine has elsewhere. */
const ADDRESSES: ReadonlySet<RegisterRole | undefined> = new Set([
  'descriptors',
  'driver',
  'device',
]);
/** Beyond them there are no features; what a driver selects there is nobody's. */
const FEATURE_WORDS = 4;
const BITS_OF_A_WORD = 32n;
const ALL_OF_A_WORD = 0xffff_ffffn;
const QUEUE_OF_NOTIFICATION = 0xffff;
const HIGH = 2 ** 32;

/** Follows a driver as it sets a virtio device up, over whichever transport, and watches its queues. */
export class VirtioObserver {
  readonly log: DeviceLog;
  readonly #ram: GuestRam;
  readonly #watcher: QueueWatcher | undefined;
  readonly #drafts = new Map<number, QueueDraft>();
  readonly #queues = new Map<number, QueueObserver>();
  #offeredWord = 0;
  #acceptedWord = 0;
  #features = 0n;
  #queue = 0;
  #pageSize = VIRTIO_PAGE_SIZE;
  #align = VIRTIO_PAGE_SIZE;

  constructor(log: DeviceLog, ram: GuestRam, watcher?: QueueWatcher) {
    this.log = log;
    this.#ram = ram;
    this.#watcher = watcher;
  }

  get queues(): Iterable<QueueObserver> {
    return this.#queues.values();
  }

  /** Writes an access down, and what it means for the queues. A write is told before it is done. */
  access({ place, write, width, value }: RegisterAccess): void {
    const resets = write && place.role === 'status' && Number(value) === 0;
    for (const queue of this.#queues.values()) {
      // What a reset takes away is seen for the last time.
      if (resets) queue.look();
      else queue.lookAtAvailable();
    }
    this.log.register({ name: place.name, write, width, fact: this.#factOf(place, value, width) });
    if (write) this.#follow(place, width, value);
    else if (place.role === 'queue-size') this.#draft.size = Number(value);
  }

  get #draft(): QueueDraft {
    const known = this.#drafts.get(this.#queue);
    if (known !== undefined) return known;
    const draft = { size: 0, descriptors: 0, driver: 0, device: 0 };
    this.#drafts.set(this.#queue, draft);
    return draft;
  }

  #factOf({ role }: RegisterPlace, value: number | bigint, width: number): Fact {
    const word = role === 'offered' ? this.#offeredWord : this.#acceptedWord;
    if ((role === 'offered' || role === 'accepted') && word < FEATURE_WORDS) {
      return bitsFact(role, value, word);
    }
    // Page 0 is none: the queue is taken back.
    const isAddress = role === 'page' ? BigInt(value) !== 0n : ADDRESSES.has(role);
    return isAddress ? ADDRESS : valueFact(value, width);
  }

  #follow({ role, shift }: RegisterPlace, width: number, value: number | bigint): void {
    const number = Number(value);
    switch (role) {
      case 'offered-select':
        this.#offeredWord = number;
        return;
      case 'accepted-select':
        this.#acceptedWord = number;
        return;
      case 'status':
        if (number === 0) this.#reset();
        return;
      case 'queue-select':
        this.#queue = number;
        return;
      case 'queue-size':
        this.#draft.size = number;
        return;
      case 'page-size':
        this.#pageSize = number;
        return;
      case 'align':
        this.#align = number;
        return;
      case 'descriptors':
      case 'driver':
      case 'device':
        this.#setAddress(role, shift, width, value);
        return;
      case 'page':
        this.#setPage(number);
        return;
      case 'enable':
        if (number === 1) this.#setUp();
        else this.#takeBack(this.#queue);
        return;
      case 'queue-reset':
        if (number === 1) this.#takeBack(this.#queue);
        return;
      case 'accepted':
        this.#accept(number);
        return;
      case 'notify':
        // With VIRTIO_F_NOTIFICATION_DATA more than the queue is said (virtio §2.9).
        this.#watcher?.queueNotified(this.log.name, number & QUEUE_OF_NOTIFICATION);
        return;
      case 'offered':
      case undefined:
      default:
    }
  }

  #setAddress(
    part: 'descriptors' | 'driver' | 'device',
    shift: number,
    width: number,
    value: number | bigint,
  ): void {
    const draft = this.#draft;
    const before = draft[part];
    if (width === 8) draft[part] = Number(value);
    else if (shift === 0) draft[part] = before - (before % HIGH) + Number(value);
    else draft[part] = (before % HIGH) + Number(value) * HIGH;
  }

  /** A legacy ring is one piece, laid out by its size and its alignment (virtio §2.7.2). */
  #setPage(page: number): void {
    if (page === 0) {
      this.#takeBack(this.#queue);
      return;
    }
    const draft = this.#draft;
    draft.descriptors = page * this.#pageSize;
    draft.driver = draft.descriptors + draft.size * 16;
    const end = draft.driver + 6 + draft.size * 2;
    draft.device = Math.ceil(end / this.#align) * this.#align;
    this.#setUp();
  }

  #accept(bits: number): void {
    if (this.#acceptedWord >= FEATURE_WORDS) return;
    const shift = BigInt(this.#acceptedWord) * BITS_OF_A_WORD;
    const others = this.#features & ~(ALL_OF_A_WORD << shift);
    this.#features = others | (BigInt(bits) << shift);
  }

  #setUp(): void {
    const { size, descriptors, driver, device } = this.#draft;
    if (size === 0) return;
    const index = this.#queue;
    const packed = (this.#features & VIRTIO_F_RING_PACKED) !== 0n;
    const ring = { size, descriptors, driver, device, packed, features: this.#features };
    this.#queues.set(index, new QueueObserver(index, ring, this.log, this.#ram));
    this.#watcher?.queueSetUp(this.log.name, index, ring);
  }

  #takeBack(index: number): void {
    if (this.#queues.delete(index)) this.#watcher?.queueTakenBack(this.log.name, index);
  }

  #reset(): void {
    for (const index of this.#queues.keys()) this.#takeBack(index);
    this.#drafts.clear();
    this.#offeredWord = 0;
    this.#acceptedWord = 0;
    this.#features = 0n;
    this.#queue = 0;
  }
}

function bitsFact(what: string, value: number | bigint, word: number): Fact {
  const bits = BigInt(value) << (BigInt(word) * BITS_OF_A_WORD);
  return { part: 'bits', text: `${what} ${bitsText(bits)}`, bits };
}

/** The numbers of the bits that are set. */
export function bitsText(bits: bigint): string {
  const numbers: number[] = [];
  for (let [rest, bit] = [bits, 0]; rest > 0n; rest >>= 1n, bit++) {
    if ((rest & 1n) === 1n) numbers.push(bit);
  }
  return numbers.length === 0 ? 'no bits' : `bits ${numbers.join(' ')}`;
}
