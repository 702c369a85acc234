import type { AccessWidth, RegionHandler } from '@dxelab/emulated-machine';
import { EFI_PCI_CAPABILITY_ID_VENDOR } from '@dxelab/pci';
import type { ConfigSpace, PciCapability } from '@dxelab/pci-devices';
import { VIRTIO_PCI_CAP, VIRTIO_PCI_CAP_PCI_CFG } from '@dxelab/virtio';
import { EXTENDED_CAP_SIZE, STRUCTURE_BAR, STRUCTURE_BAR_SIZE } from './structures.ts';

/** A capability's body begins behind its id and the pointer to the next. */
const BODY = 2;

/** What the driver has aimed the window at. */
interface Target {
  readonly offset: number;
  readonly width: AccessWidth;
}

/**
 * The PCI configuration access capability: the structures, without their BAR being mapped (virtio
 * §4.1.4.9). Reading or writing `pci_cfg_data` is an access to the structure that the driver chose.
 */
export class ConfigWindow {
  readonly capability: PciCapability;
  readonly #config: ConfigSpace;
  readonly #structures: RegionHandler;
  readonly #report: (message: string, fields: Readonly<Record<string, number>>) => void;
  /** Where the capability is in configuration space; known when it has its place. */
  #base = 0;

  /** @param report told when the driver aims where there is nothing */
  constructor(
    config: ConfigSpace,
    structures: RegionHandler,
    report: (message: string, fields: Readonly<Record<string, number>>) => void,
  ) {
    this.#config = config;
    this.#structures = structures;
    this.#report = report;
    const body = new Uint8Array(EXTENDED_CAP_SIZE - BODY);
    body[VIRTIO_PCI_CAP.len - BODY] = EXTENDED_CAP_SIZE;
    body[VIRTIO_PCI_CAP.cfgType - BODY] = VIRTIO_PCI_CAP_PCI_CFG;
    const writable = new Uint8Array(body.length);
    writable[VIRTIO_PCI_CAP.bar - BODY] = 0xff;
    writable.fill(0xff, VIRTIO_PCI_CAP.offset - BODY);
    this.capability = {
      id: EFI_PCI_CAPABILITY_ID_VENDOR,
      body,
      writable,
      beforeRead: (offset) => this.#beforeRead(offset),
      afterWrite: (offset) => this.#afterWrite(offset),
    };
  }

  place(base: number): void {
    this.#base = base;
  }

  #beforeRead(offset: number): void {
    if (offset < VIRTIO_PCI_CAP.extra) return;
    const target = this.#target();
    const value = target === undefined ? 0 : this.#structures.read(target.offset, target.width);
    this.#config.set(this.#base + VIRTIO_PCI_CAP.extra, 4, value);
  }

  #afterWrite(offset: number): void {
    if (offset < VIRTIO_PCI_CAP.extra) return;
    const target = this.#target();
    if (target === undefined) return;
    const value = this.#config.get(this.#base + VIRTIO_PCI_CAP.extra, target.width);
    this.#structures.write(target.offset, target.width, value);
  }

  #target(): Target | undefined {
    const bar = this.#config.get(this.#base + VIRTIO_PCI_CAP.bar, 1);
    const offset = this.#config.get(this.#base + VIRTIO_PCI_CAP.offset, 4);
    const length = this.#config.get(this.#base + VIRTIO_PCI_CAP.length, 4);
    const width = length === 1 || length === 2 || length === 4 ? length : undefined;
    if (
      bar === STRUCTURE_BAR &&
      width !== undefined &&
      offset % width === 0 &&
      offset + width <= STRUCTURE_BAR_SIZE
    ) {
      return { offset, width };
    }
    const message = `the window is aimed at ${length} bytes at 0x${offset.toString(16)} of BAR${bar}: 1, 2 or 4, aligned, in a structure`;
    this.#report(message, { bar, offset, length });
    return undefined;
  }
}
