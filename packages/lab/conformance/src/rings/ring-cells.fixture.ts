/** Where a queue lies, and what it consists of. */
export interface RingPlace {
  readonly packed: boolean;
  readonly size: number;
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
  readonly tables: number;
  /** Descriptors of an indirect table; 0: there are none. */
  readonly tableLength: number;
  /** Where the data of chains are: a cell for each token. */
  readonly data: number;
  readonly tokens: number;
}

const SPLIT_DESC = ['address', '+2', '+4', '+6', 'length', '+10', 'flags', 'next'];
const PACKED_DESC = ['address', '+2', '+4', '+6', 'length', '+10', 'id', 'flags'];
const EVENT = ['event', 'event flags'];

/**
 * The cells of 16 bits that a queue is made of, with names for traces. *Signals* are those by which one side
 * tells the other of something: indices, flags, events. All else is data, which somebody owns.
 */
export class RingCells {
  readonly names: string[] = [];
  readonly signals: boolean[] = [];
  /** Free-running indices of a split ring, and events, which are such indices. */
  readonly indices: number[] = [];
  /** Where the driver says of which used entry it wants to know, and the device of which available one. */
  driverEvent = 0;
  deviceEvent = 0;
  readonly places = new Map<number, number>();

  constructor(place: RingPlace) {
    const { packed, size, desc, driver, device, tables, tableLength } = place;
    const fields = packed ? PACKED_DESC : SPLIT_DESC;
    for (let at = 0; at < size; at += 1) {
      for (const [field, name] of fields.entries()) {
        this.add(desc + 16 * at + 2 * field, `descriptor ${at}.${name}`, packed && field === 7);
      }
    }
    if (packed) {
      this.driverEvent = this.count;
      this.deviceEvent = this.count + 1;
      for (const [field, name] of EVENT.entries()) {
        this.add(driver + 2 * field, `driver ${name}`, true);
        this.add(device + 2 * field, `device ${name}`, true);
      }
    } else this.addSplitRings(size, driver, device);
    for (let at = 0; at < size * tableLength; at += 1) {
      const table = `table ${Math.floor(at / tableLength)}, ${at % tableLength}`;
      for (const [field, name] of fields.entries()) {
        this.add(tables + 16 * at + 2 * field, `${table}.${name}`, false);
      }
    }
    for (let token = 0; token < place.tokens; token += 1) {
      this.add(place.data + 2 * token, `data of chain ${token}`, false);
    }
  }

  get count(): number {
    return this.names.length;
  }

  /** @returns -1 if there is no cell at this address */
  at(address: number): number {
    return this.places.get(address) ?? -1;
  }

  private addSplitRings(size: number, driver: number, device: number): void {
    this.add(driver, 'available flags', true);
    this.addIndex(driver + 2, 'available index');
    for (let at = 0; at < size; at += 1) {
      this.add(driver + 4 + 2 * at, `available ${at}.head`, false);
    }
    this.driverEvent = this.count;
    this.addIndex(driver + 4 + 2 * size, 'used_event');
    this.add(device, 'used flags', true);
    this.addIndex(device + 2, 'used index');
    for (let at = 0; at < size; at += 1) {
      for (const [half, name] of ['id', '+2', 'length', '+6'].entries()) {
        this.add(device + 4 + 8 * at + 2 * half, `used ${at}.${name}`, false);
      }
    }
    this.deviceEvent = this.count;
    this.addIndex(device + 4 + 8 * size, 'avail_event');
  }

  private addIndex(address: number, name: string): void {
    this.indices.push(this.names.length);
    this.add(address, name, true);
  }

  private add(address: number, name: string, signal: boolean): void {
    this.places.set(address, this.names.length);
    this.names.push(name);
    this.signals.push(signal);
  }
}
