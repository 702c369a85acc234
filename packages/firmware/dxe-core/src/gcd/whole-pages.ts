import { EFI_PAGE_SIZE } from '@dxelab/uefi';

/** The whole pages among so many bytes; there may be none. */
export function wholePages(
  base: number,
  length: number,
): { readonly base: number; readonly length: number } {
  const first = Math.ceil(base / EFI_PAGE_SIZE) * EFI_PAGE_SIZE;
  const end = Math.floor((base + length) / EFI_PAGE_SIZE) * EFI_PAGE_SIZE;
  return { base: first, length: Math.max(0, end - first) };
}
