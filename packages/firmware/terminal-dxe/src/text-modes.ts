/** The modes of a terminal, in characters: 80 × 25 and 80 × 50 have fixed numbers (UEFI §12.4.4). */
export const TEXT_MODES: readonly { readonly columns: number; readonly rows: number }[] = [
  { columns: 80, rows: 25 },
  { columns: 80, rows: 50 },
  { columns: 100, rows: 31 },
];
