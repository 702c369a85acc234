import type { Platform, Tracer } from '@dxelab/platform';
import type { EfiMemoryServices, EfiSystemTable } from '@dxelab/uefi';
import type { DebugLib, ModuleLibraries, Quirks } from '@dxelab/uefi-lib';
import type { EventServices } from '../event/event-services.ts';
import type { ProtocolServices } from '../hand/protocol-services.ts';
import type { ImageCaller } from '../image/image-caller.ts';
import type { ImageRecord } from '../image/image-record.ts';
import type { StatusCodes } from './status-codes.ts';

/** The parts of one core, as they know each other. */
export interface CoreContext {
  readonly platform: Platform;
  /** Of the core itself. */
  readonly debug: DebugLib;
  readonly quirks: Quirks;
  readonly events: EventServices;
  readonly protocols: ProtocolServices;
  readonly memory: EfiMemoryServices;
  readonly statusCodes: StatusCodes;
  readonly trace: Tracer | undefined;
  /** The core's own image; absent while it is being made. */
  readonly coreImage: ImageRecord | undefined;
  /** The name of the image that ended boot services; absent while they exist. */
  readonly endedBy: string | undefined;
  /** An image's own face of the system table. */
  readonly createSystemTable: (caller: ImageCaller) => EfiSystemTable;
  /** What is linked to the module of that name. */
  readonly createLibraries: (moduleName: string) => ModuleLibraries;
}
