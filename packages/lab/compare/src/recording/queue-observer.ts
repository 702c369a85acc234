import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import { VIRTIO_F_IN_ORDER } from '@dxelab/virtio';
import type { DeviceLog } from './device-log.ts';
import { lengthFact } from './plain-request.ts';
import { PackedRing } from './packed-ring.ts';
import type { QueueRequest } from './queue-request.ts';
import type { PublishedRing } from './queue-watcher.ts';
import type { RequestOrigin } from './read-queue-request.ts';
import { readQueueRequest } from './read-queue-request.ts';
import type { CommandPlace, Fact } from './recording.ts';
import type { Ring } from './ring.ts';
import { SplitRing } from './split-ring.ts';

/** Watches one queue: what is made available on it, and what comes back. */
export class QueueObserver {
  readonly #name: string;
  readonly #log: DeviceLog;
  readonly #ram: GuestRam;
  readonly #ring: Ring;
  readonly #origin: RequestOrigin;
  readonly #outstanding = new Map<number, QueueRequest>();

  constructor(index: number, published: PublishedRing, log: DeviceLog, ram: GuestRam) {
    const { size, descriptors, driver, device, packed, features } = published;
    const inOrder = (features & VIRTIO_F_IN_ORDER) !== 0n;
    this.#name = `queue ${index}`;
    this.#origin = { device: log.name, queue: index };
    this.#log = log;
    this.#ram = ram;
    this.#ring = new (packed ? PackedRing : SplitRing)(ram, published, inOrder);
    const kind = packed ? 'packed, ' : '';
    const text = `${kind}size ${size}, driver ${relative(driver, descriptors)}, device ${relative(device, descriptors)}`;
    const fact: Fact = { part: 'value', text };
    log.add({ kind: 'register', name: 'ring', subject: `${this.#name} is set up`, facts: [fact] });
  }

  /** Whether a piece of RAM is where the driver looks for what comes back. */
  isPolled(address: number, length: number): boolean {
    return this.#ring.isPolled(address, length);
  }

  /**
   * Writes down what has come since the last look, on both sides. It is for moments when the driver looks,
   * too: when an answer comes depends on the machine's speed, when the driver takes it does not.
   */
  look(): void {
    this.#tolerate(() => {
      this.#readAvailable();
      this.#readUsed();
    });
  }

  /** Writes down what the driver has made available since the last look. */
  lookAtAvailable(): void {
    this.#tolerate(() => this.#readAvailable());
  }

  /** A driver can say that its ring is where no RAM is: then there is nothing to write down. */
  #tolerate(look: () => void): void {
    try {
      look();
    } catch (caught) {
      if (!(caught instanceof PlatformFault)) throw caught;
    }
  }

  #readAvailable(): void {
    for (const { id, segments } of this.#ring.available()) {
      const request = readQueueRequest(this.#ram, this.#origin, segments);
      this.#outstanding.set(id, request);
      this.#add(request.what, request.facts, request.command);
    }
  }

  #readUsed(): void {
    for (const { id, length } of this.#ring.used()) {
      const request = this.#outstanding.get(id);
      this.#outstanding.delete(id);
      if (request === undefined) {
        this.#add('answer to nothing', [lengthFact(length)]);
        continue;
      }
      const { what, command } = request;
      const answer = command === undefined ? 'answer' : `answer to ${what}`;
      this.#add(answer, request.answer(length), command);
    }
  }

  #add(what: string, facts: readonly Fact[], command?: CommandPlace): void {
    const subject = `${what} on ${this.#name}`;
    this.#log.add({ kind: 'request', name: this.#name, subject, facts, command });
  }
}

function relative(address: number, base: number): string {
  const distance = address - base;
  return `${distance < 0 ? '-' : '+'}0x${Math.abs(distance).toString(16)}`;
}
