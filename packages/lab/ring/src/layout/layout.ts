/** What is the matter with a row: it belongs to nobody, is being prepared, is the device's, or has come back. */
export type RowState = 'idle' | 'prepared' | 'in-flight' | 'used';

/** A row of a table; or, in place of several that say nothing, how many they are. */
export type LayoutRow =
  | {
      readonly kind: 'slot';
      /** Its index in the table. */
      readonly slot: number;
      readonly cells: readonly string[];
      readonly state: RowState;
      /** Whose it is: `r1`, or `r1 r2` of what was made available twice; empty if nobody's. */
      readonly tag: string;
      /** Just written. */
      readonly fresh: boolean;
      /** What points here: `next`, `driver, wrap 1`. */
      readonly pointer: string | undefined;
    }
  | { readonly kind: 'fold'; readonly count: number };

/** One value beside a table: an index, flags, what is to be notified. */
export interface LayoutFact {
  readonly name: string;
  readonly value: string;
  readonly fresh: boolean;
}

export interface LayoutColumn {
  readonly name: string;
  readonly align: 'left' | 'right';
  /** In characters: the widest cell of the table. */
  readonly width: number;
}

/** A part of the queue that one side writes, or both. */
export interface LayoutTable {
  readonly name: string;
  readonly writer: string;
  readonly facts: readonly LayoutFact[];
  readonly columns: readonly LayoutColumn[];
  readonly rows: readonly LayoutRow[];
}

/** Something in one row that means another one; rows are counted as they are shown. */
export interface LayoutArrow {
  readonly kind: 'head' | 'next' | 'used';
  readonly from: { readonly table: number; readonly row: number };
  readonly to: { readonly table: number; readonly row: number };
}

/** What a kind of ring shows of itself. */
export interface RingBody {
  readonly tables: readonly LayoutTable[];
  readonly arrows: readonly LayoutArrow[];
}

/** A picture without any looks: what is on it, in which order. */
export interface RingLayout extends RingBody {
  /** `virtio-blk 02.0, queue 0`. */
  readonly title: string;
  /** `split ring of 256, request 1, step 3 of 7`. */
  readonly subtitle: string;
  readonly caption: string;
  readonly step: number;
  readonly steps: number;
  readonly actor: 'driver' | 'device';
  readonly notifies: boolean;
  /** What the device has, and what has just come back: a line each. */
  readonly requests: readonly LayoutRequest[];
}

export interface LayoutRequest {
  readonly number: number;
  readonly state: 'in-flight' | 'used';
  readonly text: string;
}
