import type { GuestRam } from '@dxelab/platform';
import { PlatformFault } from '@dxelab/platform';
import type { DeviceLog } from './device-log.ts';
import { lengthFact } from './plain-request.ts';
import type { QueueRequest } from './queue-request.ts';
import type { RequestOrigin } from './read-queue-request.ts';
import { readQueueRequest } from './read-queue-request.ts';
import type { CommandPlace, Fact } from './recording.ts';
import type { RingAddresses } from './ring.ts';
import { Ring } from './ring.ts';

/** Indices of a ring count modulo so many. */
const INDEX_MODULUS = 0x10000;

/** Watches one queue: what is made available on it, and what comes back. */
export class QueueObserver {
  readonly #name: string;
  readonly #log: DeviceLog;
  readonly #ram: GuestRam;
  readonly #ring: Ring;
  readonly #origin: RequestOrigin;
  readonly #outstanding = new Map<number, QueueRequest>();
  #available = 0;
  #used = 0;

  constructor(index: number, addresses: RingAddresses, log: DeviceLog, ram: GuestRam) {
    this.#name = `queue ${index}`;
    this.#origin = { device: log.name, queue: index };
    this.#log = log;
    this.#ram = ram;
    this.#ring = new Ring(ram, addresses);
    const { size, descriptors, driver, device } = addresses;
    const text = `size ${size}, driver ${relative(driver, descriptors)}, device ${relative(device, descriptors)}`;
    const fact: Fact = { part: 'value', text };
    log.add({ kind: 'register', name: 'ring', subject: `${this.#name} is set up`, facts: [fact] });
  }

  /** Whether a piece of RAM holds the index that the device advances. */
  holdsUsedIndex(address: number, length: number): boolean {
    const { device } = this.#ring.addresses;
    return address < device + 4 && address + length > device + 2;
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
    const news = (this.#ring.availableIndex - this.#available) & (INDEX_MODULUS - 1);
    // A driver cannot have more than a ring of them: of an index that is wrong only so much is believed.
    for (let left = Math.min(news, this.#ring.addresses.size); left > 0; left--) {
      const head = this.#ring.head(this.#available);
      this.#available = (this.#available + 1) % INDEX_MODULUS;
      const request = readQueueRequest(this.#ram, this.#origin, this.#ring.chain(head));
      this.#outstanding.set(head, request);
      this.#add(request.what, request.facts, request.command);
    }
  }

  #readUsed(): void {
    const news = (this.#ring.usedIndex - this.#used) & (INDEX_MODULUS - 1);
    for (let left = Math.min(news, this.#ring.addresses.size); left > 0; left--) {
      const { id, length } = this.#ring.usedElement(this.#used);
      this.#used = (this.#used + 1) % INDEX_MODULUS;
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
