import { SCSI_MODE_PAGE_CACHING, SCSI_MODE_PAGE_CONTROL } from '@dxelab/scsi';

/** One mode page: what follows its header of 2 bytes (SPC-6). */
export interface ModePageDefinition {
  /** SCSI_MODE_PAGE_*. */
  readonly pageCode: number;
  readonly defaults: Uint8Array;
  /** Bits that MODE SELECT may change, as many bytes as `defaults` has. */
  readonly changeable: Uint8Array;
}

/** A mode page, and what it says now. */
export interface ModePage extends ModePageDefinition {
  readonly current: Uint8Array;
}

/** Where bits are, counted behind the page's header. */
const WCE = 0x04;
const D_SENSE = 0x04;
const SWP = 0x08;

/** The mode pages of a unit. */
export class ModePages {
  /** In ascending order of page codes, as MODE SENSE returns them. */
  readonly pages: readonly ModePage[];
  private readonly caching: ModePage | undefined;
  private readonly control: ModePage | undefined;

  constructor(definitions: readonly ModePageDefinition[]) {
    this.pages = definitions
      .map((definition) => Object.assign({ current: definition.defaults.slice() }, definition))
      .toSorted((a, b) => a.pageCode - b.pageCode);
    this.caching = this.find(SCSI_MODE_PAGE_CACHING);
    this.control = this.find(SCSI_MODE_PAGE_CONTROL);
  }

  find(pageCode: number): ModePage | undefined {
    return this.pages.find((page) => page.pageCode === pageCode);
  }

  /** Back to what they are after power-on. */
  reset(): void {
    for (const page of this.pages) page.current.set(page.defaults);
  }

  /** Whether writes may stay in a cache: WCE of the caching page (SBC-4). */
  get writeCache(): boolean {
    return bit(this.caching, 0, WCE);
  }

  set writeCache(on: boolean) {
    const flags = this.caching?.current;
    if (flags !== undefined) flags[0] = ((flags[0] ?? 0) & ~WCE) | (on ? WCE : 0);
  }

  /** Whether sense data come as descriptors: D_SENSE of the control page (SPC-6). */
  get descriptorSense(): boolean {
    return bit(this.control, 0, D_SENSE);
  }

  /** Whether the initiator itself has forbidden writes: SWP of the control page (SPC-6). */
  get softwareWriteProtect(): boolean {
    return bit(this.control, 2, SWP);
  }
}

function bit(page: ModePage | undefined, at: number, mask: number): boolean {
  return ((page?.current[at] ?? 0) & mask) !== 0;
}

/** The page with the given bytes set, behind its header, and the others 0. */
export function modePage(
  pageCode: number,
  length: number,
  defaults: Readonly<Record<number, number>>,
  changeable: Readonly<Record<number, number>> = {},
): ModePageDefinition {
  return { pageCode, defaults: bytes(length, defaults), changeable: bytes(length, changeable) };
}

function bytes(length: number, values: Readonly<Record<number, number>>): Uint8Array {
  const data = new Uint8Array(length);
  for (const [at, value] of Object.entries(values)) data[Number(at)] = value;
  return data;
}
