import type { EfiHandle } from '@dxelab/uefi';

// EFI_OPEN_PROTOCOL_*, as this module's own constants: imported ones are slow under vitest.
const BY_HANDLE_PROTOCOL = 0x01;
const GET_PROTOCOL = 0x02;
const TEST_PROTOCOL = 0x04;
const BY_DRIVER = 0x10;
const EXCLUSIVE = 0x20;

/** Opens that nobody has to close: uninstalling a protocol drops them. */
const TRANSIENT = BY_HANDLE_PROTOCOL | GET_PROTOCOL | TEST_PROTOCOL;

const NOBODY: readonly OpenRecord[] = [];

/** Who has an interface open, how, and how often. Handle.h (OPEN_PROTOCOL_DATA). */
export interface OpenRecord {
  readonly agentHandle: EfiHandle;
  readonly controllerHandle: EfiHandle | undefined;
  readonly attributes: number;
  openCount: number;
}

/**
 * The open records of one installed interface, oldest first. They are found by their controller, so
 * that a bus with ten thousand children opens as fast as one with ten. The lists are made when first
 * needed: most interfaces are never opened.
 */
export class OpenList {
  #records: Set<OpenRecord> | undefined;
  /**
   * A controller whose last record has gone keeps an empty list for a while: V8's maps take time for
   * all that they hold when a key comes and goes again and again, as that of a driver under test does.
   */
  #byController: Map<EfiHandle | undefined, OpenRecord[]> | undefined;
  /** How many controllers have an empty list. */
  #vacant = 0;
  #owner: OpenRecord | undefined;

  get size(): number {
    return this.#records?.size ?? 0;
  }

  /** The record BY_DRIVER or EXCLUSIVE; OpenProtocol never lets a second one in. */
  get owner(): OpenRecord | undefined {
    return this.#owner;
  }

  /** Oldest first. */
  records(): readonly OpenRecord[] {
    return this.#records === undefined ? [] : [...this.#records];
  }

  find(
    agent: EfiHandle | undefined,
    controller: EfiHandle | undefined,
    attributes: number,
  ): OpenRecord | undefined {
    return this.#byController
      ?.get(controller)
      ?.find((record) => record.agentHandle === agent && record.attributes === attributes);
  }

  add(agentHandle: EfiHandle, controllerHandle: EfiHandle | undefined, attributes: number): void {
    const record: OpenRecord = { agentHandle, controllerHandle, attributes, openCount: 1 };
    this.#records ??= new Set();
    this.#records.add(record);
    this.#byController ??= new Map();
    const ofController = this.#byController.get(controllerHandle);
    if (ofController?.length === 0) this.#vacant--;
    if (ofController === undefined) this.#byController.set(controllerHandle, [record]);
    else ofController.push(record);
    if ((attributes & (BY_DRIVER | EXCLUSIVE)) !== 0) this.#owner = record;
  }

  /**
   * Removes every record of an agent for a controller, whatever its attributes and its count: so
   * UEFI 2.11 §7.3.10 has it.
   * @returns whether there was one
   */
  close(agent: EfiHandle, controller: EfiHandle | undefined): boolean {
    const ofController = this.#byController?.get(controller) ?? NOBODY;
    const closed = ofController.filter((record) => record.agentHandle === agent);
    for (const record of closed) this.#remove(record);
    return closed.length > 0;
  }

  /** Removes every record of an agent. */
  closeAgent(agent: EfiHandle): void {
    this.#removeWhere((record) => record.agentHandle === agent);
  }

  /** Removes what nobody has to close: opens to look, to test, and by HandleProtocol. */
  dropTransient(): void {
    this.#removeWhere((record) => (record.attributes & TRANSIENT) !== 0);
  }

  #removeWhere(condition: (record: OpenRecord) => boolean): void {
    for (const record of this.#records ?? []) if (condition(record)) this.#remove(record);
  }

  #remove(record: OpenRecord): void {
    this.#records?.delete(record);
    const ofController = this.#byController?.get(record.controllerHandle) ?? NOBODY;
    const others = ofController.filter((other) => other !== record);
    this.#byController?.set(record.controllerHandle, others);
    if (others.length === 0) this.#vacate();
    if (this.#owner === record) this.#owner = undefined;
  }

  /** A list has become empty; once most of them are, all of those go at once. */
  #vacate(): void {
    this.#vacant++;
    if (this.#byController === undefined || this.#vacant * 2 <= this.#byController.size + 8) return;
    this.#byController = new Map(
      [...this.#byController].filter(([, records]) => records.length > 0),
    );
    this.#vacant = 0;
  }
}
