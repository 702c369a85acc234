/** How many bytes one transaction moves. */
export type AccessWidth = 1 | 2 | 4;

/**
 * What answers in a region: registers of a device, a configuration mechanism, RAM. Every transaction is
 * naturally aligned and lies wholly in the region. Values are unsigned and as wide as the access; what a
 * read returns beyond its width is cut off. A handler never throws on what a driver wrote.
 */
export interface RegionHandler {
  /** @param offset in bytes from where the handler's registers begin */
  read(offset: number, width: AccessWidth): number;
  /** @param offset in bytes from where the handler's registers begin */
  write(offset: number, width: AccessWidth, value: number): void;
}

/** A range of an address space and who answers there. It does not change: to move it, add another. */
export class Region {
  /** As traces show it. */
  readonly name: string;
  readonly base: number;
  /** In bytes, or ports. */
  readonly size: number;
  /** The address behind the last. */
  readonly end: number;
  readonly handler: RegionHandler;
  /** What must be added to an address to get the handler's offset. */
  readonly toOffset: number;

  /** @param first the handler's offset at `base`: not 0 where only a part of it can be seen */
  constructor(name: string, base: number, size: number, handler: RegionHandler, first: number = 0) {
    this.name = name;
    this.base = base;
    this.size = size;
    this.end = base + size;
    this.handler = handler;
    this.toOffset = first - base;
  }
}
