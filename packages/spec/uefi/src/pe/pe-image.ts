/** A range of an image, by its address relative to the image's base. */
export interface PeDirectory {
  readonly virtualAddress: number;
  /** In bytes. */
  readonly size: number;
}

/** A section header (PE/COFF specification §4). */
export interface PeSection {
  readonly name: string;
  /** Relative to the image's base. */
  readonly virtualAddress: number;
  /** In bytes, in memory. */
  readonly virtualSize: number;
  /** Where the section stands in the file, in bytes. */
  readonly pointerToRawData: number;
  /** In bytes, in the file. */
  readonly sizeOfRawData: number;
  readonly characteristics: number;
}

/** What the headers of a PE32 or PE32+ image say, checked as firmware checks them. */
export interface PeImage {
  readonly format: 'PE32' | 'PE32+';
  readonly machine: number;
  readonly subsystem: number;
  /** Whether the image can only be loaded at `imageBase`. */
  readonly relocationsStripped: boolean;
  /** Relative to the image's base. */
  readonly entryPoint: number;
  /** The address that the image was linked for. */
  readonly imageBase: bigint;
  /** In bytes. */
  readonly sectionAlignment: number;
  /** In bytes, in memory. */
  readonly sizeOfImage: number;
  /** In bytes: the headers are a part of the image in memory. */
  readonly sizeOfHeaders: number;
  readonly sections: readonly PeSection[];
  readonly relocations: PeDirectory | undefined;
  /** In the file, not in memory: signatures. */
  readonly security: PeDirectory | undefined;
}
