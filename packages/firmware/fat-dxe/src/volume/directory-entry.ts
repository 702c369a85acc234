/** A file or directory as its parent lists it. */
export interface DirectoryEntry {
  readonly name: string;
  /** The 11 bytes of the 8.3 name. */
  readonly shortName: string;
  /** Where the slot with the record is; the slots of the long name come before it. */
  readonly slot: number;
  /** How many slots it takes, that of the record included. */
  readonly slots: number;
}
