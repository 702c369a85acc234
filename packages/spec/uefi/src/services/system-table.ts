import type { PhysicalAddress } from '../address.ts';
import type { EfiHandle } from '../handle.ts';
import type { Guid } from '../guid.ts';
import type { EfiSimpleTextInput } from '../protocols/simple-text-input.ts';
import type { EfiSimpleTextOutput } from '../protocols/simple-text-output.ts';
import type { EfiBootServices } from './boot-services.ts';
import type { EfiRuntimeServices } from './runtime-services.ts';

/**
 * EFI_SYSTEM_TABLE as one image sees it (UEFI §4.3). Each image has a face of its own, so that the
 * lab can say who did what. After ExitBootServices `bootServices` and the consoles are absent.
 */
export interface EfiSystemTable {
  readonly firmwareVendor: string;
  readonly firmwareRevision: number;
  /** Of the table's header: (major << 16) | minor * 10. */
  readonly revision: number;
  /** Where the table stands in guest memory, as bytes: UEFI §4.3.1. */
  readonly address: PhysicalAddress;
  /** The console drivers set these, through any face, for all. */
  conIn: EfiSimpleTextInput | undefined;
  consoleInHandle: EfiHandle | undefined;
  conOut: EfiSimpleTextOutput | undefined;
  consoleOutHandle: EfiHandle | undefined;
  stdErr: EfiSimpleTextOutput | undefined;
  standardErrorHandle: EfiHandle | undefined;
  readonly runtimeServices: EfiRuntimeServices;
  readonly bootServices: EfiBootServices;
  readonly configurationTable: ReadonlyMap<Guid, unknown>;
}
