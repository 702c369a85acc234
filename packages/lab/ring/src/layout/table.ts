import type { LayoutColumn, LayoutFact, LayoutRow, LayoutTable, RowState } from './layout.ts';
import { visibleRows } from './visible-rows.ts';

/** What a table shows of one slot. */
export interface SlotContent {
  readonly cells: readonly string[];
  readonly state: RowState;
  readonly tag: string;
  readonly pointer?: string | undefined;
  readonly fresh: boolean;
}

export interface TableContent {
  readonly name: string;
  readonly writer: string;
  readonly facts: readonly LayoutFact[];
  readonly columns: readonly Omit<LayoutColumn, 'width'>[];
  readonly size: number;
  /** Slots that must be seen. */
  readonly matters: Iterable<number>;
  readonly slot: (slot: number) => SlotContent;
}

/** Lays a table out: the rows that matter, and columns as wide as they need. */
export function layTable(content: TableContent): LayoutTable {
  const { name, writer, facts, columns, size, matters, slot: contentOf } = content;
  const rows = visibleRows(size, matters).map((row): LayoutRow => {
    if (row.kind === 'fold') return row;
    const { cells, state, tag, pointer, fresh } = contentOf(row.slot);
    return { kind: 'slot', slot: row.slot, cells, state, tag, pointer, fresh };
  });
  return {
    name,
    writer,
    facts,
    rows,
    columns: columns.map((column, index) => ({
      ...column,
      width: widest(column.name, index, rows),
    })),
  };
}

/** The row that shows a slot. */
export function rowOf({ rows }: LayoutTable, slot: number): number | undefined {
  const row = rows.findIndex((each) => each.kind === 'slot' && each.slot === slot);
  return row < 0 ? undefined : row;
}

function widest(name: string, index: number, rows: readonly LayoutRow[]): number {
  return rows.reduce(
    (width, row) => (row.kind === 'fold' ? width : Math.max(width, row.cells[index]?.length ?? 0)),
    name.length,
  );
}
