/** Of a table that has no more rows, all are shown. */
const SHOWN_WHOLE = 12;

/** Indices of a table's rows that are shown, and how many are left out between them. */
export type VisibleRow =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'fold'; readonly count: number };

/**
 * Chooses what is shown of a table: what matters, and a neighbour on either side of it. A fold that would
 * stand for a single row is that row.
 */
export function visibleRows(size: number, matters: Iterable<number>): readonly VisibleRow[] {
  const shown = new Set<number>();
  if (size <= SHOWN_WHOLE) for (let slot = 0; slot < size; slot++) shown.add(slot);
  for (const slot of matters) {
    for (const near of [slot - 1, slot, slot + 1]) if (near >= 0 && near < size) shown.add(near);
  }
  if (shown.size === 0) for (let slot = 0; slot < Math.min(size, 3); slot++) shown.add(slot);
  const rows: VisibleRow[] = [];
  let next = 0;
  for (const slot of [...shown, size].toSorted((left, right) => left - right)) {
    const count = slot - next;
    if (count === 1) rows.push({ kind: 'slot', slot: next });
    else if (count > 1) rows.push({ kind: 'fold', count });
    if (slot < size) rows.push({ kind: 'slot', slot });
    next = slot + 1;
  }
  return rows;
}
