/** A driver: what it consumes BY_DRIVER, and what it makes of it. */
export interface ModelDriver {
  readonly name: string;
  readonly version: number;
  /** The version of its DriverFamilyOverride, or -1 for none. */
  readonly family: number;
  readonly consumes: number;
  /** The protocol of the child that it creates, or -1: a device driver. */
  readonly produces: number;
  readonly startFails: boolean;
}

interface ModelProtocol {
  readonly protocol: number;
  owner: ModelDriver | undefined;
  children: number[];
}

/** Handles, drivers and who manages what, without any of the services (UEFI §7.3.12, §7.3.13). */
export class ModelDrivers {
  readonly log: string[] = [];
  /** By number: the protocols of a handle, the newest first. */
  readonly handles = new Map<number, ModelProtocol[]>();
  readonly drivers: ModelDriver[] = [];
  #lastHandle = 0;

  addDriver(driver: ModelDriver): void {
    this.#lastHandle++;
    this.drivers.push(driver);
  }

  addController(protocols: readonly number[]): number {
    const number = ++this.#lastHandle;
    const made = protocols.map((protocol) => ({ protocol, owner: undefined, children: [] }));
    this.handles.set(number, made.toReversed());
    return number;
  }

  /** @param context the names of the drivers to be tried first */
  connect(controller: number, context: readonly string[], recursive: boolean): string {
    if (!this.handles.has(controller)) return 'EFI_INVALID_PARAMETER';
    let waiting = this.#sorted(context);
    let status = 'EFI_NOT_FOUND';
    for (let next = this.#supporter(waiting, controller); next;) {
      const driver = next;
      waiting = waiting.filter((one) => one !== driver);
      if (this.#start(driver, controller)) status = 'EFI_SUCCESS';
      next = this.#supporter(waiting, controller);
    }
    if (recursive) for (const child of this.#children(controller)) this.connect(child, [], true);
    return status;
  }

  disconnect(controller: number, only: string | undefined): string {
    const protocols = this.handles.get(controller);
    if (protocols === undefined) return 'EFI_INVALID_PARAMETER';
    const owners = new Set(protocols.flatMap(({ owner }) => owner ?? []));
    for (const driver of owners) {
      if (only === undefined || driver.name === only) this.#stop(driver, controller);
    }
    return 'EFI_SUCCESS';
  }

  /** The five rules: context, (no platform), family, (no bus), version. */
  #sorted(context: readonly string[]): ModelDriver[] {
    const named = context.flatMap((name) => this.drivers.find((one) => one.name === name) ?? []);
    const family = this.drivers
      .filter((one) => one.family >= 0 && !named.includes(one))
      .toSorted((a, b) => b.family - a.family);
    const first = [...new Set([...named, ...family])];
    const rest = this.drivers.filter((one) => !first.includes(one));
    // A selection sort that exchanges, as EDK II's: the order among equals is its own.
    for (let place = 0; place < rest.length; place++) {
      const tail = rest.slice(place);
      const highest = Math.max(...tail.map(({ version }) => version));
      const at = place + tail.findIndex(({ version }) => version === highest);
      const [here, best] = [rest[place], rest[at]];
      if (here !== undefined && best !== undefined) [rest[place], rest[at]] = [best, here];
    }
    return [...first, ...rest];
  }

  /** The first that supports the controller, now; all are asked up to it. */
  #supporter(drivers: readonly ModelDriver[], controller: number): ModelDriver | undefined {
    return drivers.find((driver) => {
      this.log.push(`supported ${driver.name} ${controller}`);
      const consumed = this.#protocol(controller, driver.consumes);
      return consumed !== undefined && consumed.owner === undefined;
    });
  }

  #start(driver: ModelDriver, controller: number): boolean {
    this.log.push(`start ${driver.name} ${controller}`);
    const consumed = this.#protocol(controller, driver.consumes);
    if (driver.startFails || consumed === undefined) return false;
    consumed.owner = driver;
    if (driver.produces >= 0) consumed.children.push(this.addController([driver.produces]));
    return true;
  }

  #stop(driver: ModelDriver, controller: number): void {
    const consumed = this.#protocol(controller, driver.consumes);
    if (consumed === undefined) return;
    if (consumed.children.length > 0) {
      const children = consumed.children;
      this.log.push(`stop ${driver.name} ${controller}: ${children.join(' ')}`);
      consumed.children = [];
      for (const child of children) {
        this.disconnect(child, undefined);
        this.handles.delete(child);
      }
    }
    this.log.push(`stop ${driver.name} ${controller}:`);
    consumed.owner = undefined;
  }

  #children(controller: number): number[] {
    return this.handles.get(controller)?.flatMap(({ children }) => children) ?? [];
  }

  #protocol(handle: number, wanted: number): ModelProtocol | undefined {
    return this.handles.get(handle)?.find(({ protocol }) => protocol === wanted);
  }
}
