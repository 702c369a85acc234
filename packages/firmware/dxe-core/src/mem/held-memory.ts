import type { PhysicalAddress } from '@dxelab/uefi';

/** Memory that an image has allocated and not freed. */
export interface HeldMemory {
  readonly image: string;
  readonly address: PhysicalAddress;
  /** In bytes. */
  readonly length: number;
}
