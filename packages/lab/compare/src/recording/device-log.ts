import type { DeviceRecording, Fact, RecordedEvent } from './recording.ts';

/**
 * Registers that drivers read until they say what is waited for, or look at while they wait. How often
 * depends on the machine's speed; so only what they say in the end counts, and only if it is news.
 */
const POLLED: ReadonlySet<string> = new Set([
  'common.deviceStatus',
  'common.configGeneration',
  'common.queueReset',
  'legacy.deviceStatus',
  'mmio.status',
  'mmio.configGeneration',
  'mmio.queueReady',
  'mmio.queueReset',
]);

/** One access to a register of a device. */
export interface RegisterEvent {
  readonly name: string;
  readonly write: boolean;
  /** In bytes. */
  readonly width: number;
  readonly fact: Fact;
}

/** Writes down what happens to one device. */
export class DeviceLog implements DeviceRecording {
  readonly name: string;
  readonly #events: RecordedEvent[] = [];
  /** What polled registers were last known to hold, as text. */
  readonly #known = new Map<string, string>();
  /** What was known before the last event, if that was a poll. */
  #beforePoll: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get events(): readonly RecordedEvent[] {
    return this.#events;
  }

  register({ name, write, width, fact }: RegisterEvent): void {
    const subject = `${write ? 'write' : 'read '} ${name} (${width})`;
    const event: RecordedEvent = { kind: 'register', name, subject, facts: [fact] };
    if (!POLLED.has(name)) this.add(event);
    else if (write) {
      this.#known.set(name, fact.text);
      this.add(event);
    } else this.#polled(event, fact.text);
  }

  #polled(event: RecordedEvent, text: string): void {
    if (this.#events.at(-1)?.subject === event.subject) {
      this.#events.pop();
      this.#remember(event.name, this.#beforePoll);
    }
    const known = this.#known.get(event.name);
    if (text === known) return;
    this.add(event);
    this.#beforePoll = known;
    this.#known.set(event.name, text);
  }

  #remember(name: string, text: string | undefined): void {
    if (text === undefined) this.#known.delete(name);
    else this.#known.set(name, text);
  }

  add(event: RecordedEvent): void {
    this.#events.push(event);
  }
}

/** A number as a register has it. @param width in bytes */
export function valueFact(value: number | bigint, width: number): Fact {
  return { part: 'value', text: `0x${value.toString(16).padStart(width * 2, '0')}` };
}

/** What stands for a value that is an address: machines lay out their RAM and their BARs differently. */
export const ADDRESS: Fact = { part: 'value', text: '(address)' };
