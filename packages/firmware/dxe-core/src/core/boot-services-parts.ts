import type { Platform } from '@dxelab/platform';
import type { Dispatcher } from '../dispatcher/dispatcher.ts';
import type { EventServices } from '../event/event-services.ts';
import type { GcdServices } from '../gcd/gcd-services.ts';
import type { ProtocolServices } from '../hand/protocol-services.ts';
import type { ImageServices } from '../image/image-services.ts';
import type { MemoryServices } from '../mem/memory-services.ts';
import type { ConfigurationTable } from '../misc/configuration-table.ts';
import type { ExitBootServices } from '../misc/exit-boot-services.ts';
import type { Watchdog } from '../misc/watchdog.ts';
import type { Architecture } from './architecture.ts';
import type { StatusCodes } from './status-codes.ts';
import type { TplWatch } from './tpl-watch.ts';

/** What the faces of the services hand their calls to. */
export interface BootServicesParts {
  readonly platform: Platform;
  readonly events: EventServices;
  readonly memory: MemoryServices;
  readonly protocols: ProtocolServices;
  readonly images: ImageServices;
  readonly configurationTable: ConfigurationTable;
  readonly exit: ExitBootServices;
  readonly architecture: Architecture;
  readonly watchdog: Watchdog;
  readonly tplWatch: TplWatch;
  readonly statusCodes: StatusCodes;
  /** No accessor: one makes every other property of such an object slower. */
  readonly gcd: () => GcdServices;
  readonly dispatcher: Dispatcher;
  exitBootServices(caller: string, mapKey: number): void;
  calculateCrc32(data: Uint8Array): number;
}
