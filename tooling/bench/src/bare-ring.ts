// The ceiling that the whole stack is measured against: a virtio-blk driver and its device over one
// typed array, in one file, without UEFI. The request keeps its header and its status, and the device
// copies from the disk to RAM and does nothing else.

const QUEUE_SIZE = 128;
const DESC = 0;
const AVAIL = QUEUE_SIZE * 16;
const USED = 4096;
const HEADER = 8192;
const STATUS = HEADER + 16;
const SECTOR = 512;
const NEXT = 1;
const WRITE = 2;

/** One request at a time, chain at descriptor 0, as VirtioLib does it. */
export class BareRing {
  readonly ram: Uint8Array;
  readonly #view: DataView;
  readonly #disk: Uint8Array;
  #availIdx = 0;
  #lastAvail = 0;

  /** @param ramSize in bytes: the ring, the request, and room for the data */
  constructor(disk: Uint8Array, ramSize: number) {
    this.#disk = disk;
    this.ram = new Uint8Array(ramSize);
    this.#view = new DataView(this.ram.buffer);
  }

  /** The driver: reads `length` bytes from `sector` on to `address`. */
  read(sector: number, address: number, length: number): void {
    const view = this.#view;
    view.setUint32(HEADER, 0, true);
    view.setUint32(HEADER + 4, 0, true);
    view.setUint32(HEADER + 8, sector, true);
    view.setUint32(HEADER + 12, 0, true);
    view.setUint8(STATUS, 1);
    this.#append(0, HEADER, 16, NEXT);
    this.#append(1, address, length, NEXT | WRITE);
    this.#append(2, STATUS, 1, WRITE);
    const index = this.#availIdx;
    view.setUint16(AVAIL, 1, true);
    view.setUint16(AVAIL + 4 + (index % QUEUE_SIZE) * 2, 0, true);
    this.#availIdx = (index + 1) & 0xffff;
    view.setUint16(AVAIL + 2, this.#availIdx, true);
    this.#notified();
    if (view.getUint16(USED + 2, true) !== this.#availIdx)
      throw new Error('the chain was not used');
    if (view.getUint8(STATUS) !== 0) throw new Error('the request failed');
  }

  #append(index: number, address: number, length: number, flags: number): void {
    const view = this.#view;
    const desc = DESC + index * 16;
    view.setUint32(desc, address, true);
    view.setUint32(desc + 4, 0, true);
    view.setUint32(desc + 8, length, true);
    view.setUint16(desc + 12, flags, true);
    view.setUint16(desc + 14, index + 1, true);
  }

  /** The device: works off what is available. */
  #notified(): void {
    const view = this.#view;
    const available = view.getUint16(AVAIL + 2, true);
    while (this.#lastAvail !== available) {
      const head = view.getUint16(AVAIL + 4 + (this.#lastAvail % QUEUE_SIZE) * 2, true);
      const written = this.#execute(head);
      const element = USED + 4 + (this.#lastAvail % QUEUE_SIZE) * 8;
      view.setUint32(element, head, true);
      view.setUint32(element + 4, written, true);
      this.#lastAvail = (this.#lastAvail + 1) & 0xffff;
      view.setUint16(USED + 2, this.#lastAvail, true);
    }
  }

  #execute(head: number): number {
    const view = this.#view;
    const first = DESC + head * 16;
    const header = view.getUint32(first, true);
    const second = DESC + view.getUint16(first + 14, true) * 16;
    const third = DESC + view.getUint16(second + 14, true) * 16;
    const length = view.getUint32(second + 8, true);
    const position = view.getUint32(header + 8, true) * SECTOR;
    this.ram.set(this.#disk.subarray(position, position + length), view.getUint32(second, true));
    view.setUint8(view.getUint32(third, true), 0);
    return length + 1;
  }
}
