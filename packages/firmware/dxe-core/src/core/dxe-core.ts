import type { Platform, Tracer } from '@dxelab/platform';
import { TerminalSignal } from '@dxelab/platform';
import type { EfiHandle, EfiMemoryMap, EfiSystemTable, Guid } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  CpuArchProtocol,
  crc32,
  EFI_DXE_SERVICES_TABLE_GUID,
  EFI_ERROR_MAJOR,
  EFI_EVENT_GROUP_DXE_DISPATCH,
  EFI_SOFTWARE_DXE_CORE,
  EFI_SW_DXE_CORE_EC_NO_ARCH,
  EFI_SW_DXE_CORE_PC_HANDOFF_TO_NEXT,
  EfiError,
  MetronomeArchProtocol,
  protocolInterface,
  ResetArchProtocol,
  RuntimeArchProtocol,
  TimerArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Quirks } from '@dxelab/uefi-lib';
import { ALL_EFI_SERVICES_AVAILABLE, depexHolds } from '../dispatcher/depex.ts';
import { Dispatcher } from '../dispatcher/dispatcher.ts';
import type { ModuleFailure, UndispatchedModule } from '../dispatcher/dispatcher.ts';
import { EventServices } from '../event/event-services.ts';
import type { InterruptCounts, InterruptOptions } from '../event/interrupt-nesting.ts';
import { CoherencyDomain } from '../gcd/coherency-domain.ts';
import { DxeServicesTable } from '../gcd/dxe-services-table.ts';
import { GcdServices } from '../gcd/gcd-services.ts';
import type { DriverCall, StartFailure } from '../hand/driver-calls.ts';
import type { HandleSnapshot } from '../hand/handle-snapshot.ts';
import { ProtocolServices } from '../hand/protocol-services.ts';
import type { ImageRecord } from '../image/image-record.ts';
import type { ImageRuntime } from '../image/image-runtime.ts';
import { ImageServices } from '../image/image-services.ts';
import { guardedRam } from '../mem/guarded-ram.ts';
import type { HeldMemory } from '../mem/held-memory.ts';
import { MemoryServices } from '../mem/memory-services.ts';
import { ConfigurationTable } from '../misc/configuration-table.ts';
import { ExitBootServices } from '../misc/exit-boot-services.ts';
import type { DebugRecord } from '../misc/module-debug.ts';
import { ModuleDebug } from '../misc/module-debug.ts';
import { VirtualAddressMap } from '../misc/virtual-address-map.ts';
import { Watchdog } from '../misc/watchdog.ts';
import { Architecture } from './architecture.ts';
import { BootServicesFace } from './boot-services-face.ts';
import type { BootServicesParts } from './boot-services-parts.ts';
import type { CoreContext } from './core-context.ts';
import { DxeServicesFace } from './dxe-services-face.ts';
import type { FirmwareFinding } from './firmware-finding.ts';
import { RuntimeServicesFace } from './runtime-services-face.ts';
import { SystemTableFace } from './system-table-face.ts';
import { SystemTableState } from './system-table-state.ts';
import { StatusCodes } from './status-codes.ts';
import { TplWatch } from './tpl-watch.ts';

/** EFI_SYSTEM_TABLE_REVISION: major version, and minor version as two decimal digits (UEFI §4.3). */
const REVISION_2_11 = (2 << 16) | 110;
const REVISION_2_70 = (2 << 16) | 70;
/** DXE_SERVICES_REVISION: that of the PI specification (PI Vol. 2 §4.1.1). */
const PI_REVISION_1_90 = (1 << 16) | 90;
const PI_REVISION_1_80 = (1 << 16) | 80;

/** What a firmware is made of, and who watches it. */
export interface DxeCoreOptions {
  /** What the firmware volume holds, in its order. */
  readonly modules: readonly DxeModule[];
  readonly quirks: Quirks;
  /** What can execute images; the first that wants one gets it. */
  readonly runtimes?: readonly ImageRuntime[];
  /** Receives the firmware's trace events; without it tracing is off. */
  readonly trace?: Tracer | undefined;
  /** Receives what modules say with DEBUG. */
  readonly onDebug?: ((record: DebugRecord) => void) | undefined;
  /**
   * Whether drivers' use of guest memory is watched: use after free, overflow, double free, and accesses
   * to what nobody has allocated are findings. It is slow. Default: no.
   */
  readonly memoryGuard?: boolean;
  /** How the timer interrupts, and how deep interrupts may nest. */
  readonly interrupts?: InterruptOptions | undefined;
  /** Receives the rules that images break without a status that would tell them so. */
  readonly onFinding?: ((finding: FirmwareFinding) => void) | undefined;
}

/** What images hold of a firmware's resources. */
export interface Holdings {
  readonly memory: readonly HeldMemory[];
  readonly events: readonly HeldEvent[];
}

/** An event that an image has created and not closed. */
export interface HeldEvent {
  readonly image: string;
  readonly number: number;
  /** As CreateEvent was given it. */
  readonly type: number;
}

/** A firmware: the DXE core with its modules, on one platform. */
export interface DxeCore {
  /** The lab's own face: what it does with it is done by `labImage`. */
  readonly systemTable: EfiSystemTable;
  readonly labImage: EfiHandle;
  /** Starts every module whose dependencies are met. @returns how many were started */
  dispatch(): number;
  /** Dispatches, then lets BDS boot. It ends with the world: it only throws. */
  run(): never;
  /** All handles with their protocols, and who has them open. */
  handles(): readonly HandleSnapshot[];
  images(): readonly ImageRecord[];
  /** What images have allocated and not freed, and which events they have not closed. */
  holdings(): Holdings;
  /** What timer interrupts there were. */
  interrupts(): InterruptCounts;
  /** The name of an image, or of the image that a driver binding belongs to. */
  nameOf(handle: EfiHandle): string | undefined;
  /** Which driver is at work on which controller, outermost first. */
  driverCalls(): readonly DriverCall[];
  /** Why drivers that support a controller do not manage it. */
  startFailures(): readonly StartFailure[];
  moduleFailures(): readonly ModuleFailure[];
  undispatched(): readonly UndispatchedModule[];
  /** The name of the image that ended boot services; absent while they exist. */
  readonly bootServicesEndedBy: string | undefined;
}

/** Makes a firmware on a platform; nothing is dispatched yet. MdeModulePkg/Core/Dxe/DxeMain/DxeMain.c. */
export function createDxeCore(platform: Platform, options: DxeCoreOptions): DxeCore {
  const {
    modules,
    quirks,
    runtimes = [],
    trace,
    onDebug,
    onFinding,
    memoryGuard = false,
    interrupts,
  } = options;
  const debug = new ModuleDebug(platform, 'DxeCore', onDebug, trace);
  const events = new EventServices(platform, debug, quirks, interrupts, onFinding);
  const onGuardFinding = memoryGuard ? (onFinding ?? (() => {})) : undefined;
  const domain = new CoherencyDomain(platform.hobs, quirks);
  const memory = new MemoryServices(platform, events, domain.memory, onGuardFinding);
  const nameOf = (handle: EfiHandle): string | undefined => images.find(handle)?.name;
  const protocols = new ProtocolServices(events, { quirks, trace, nameOf });
  const configurationTable = new ConfigurationTable(events, () =>
    tables.configurationTablesChanged(),
  );
  const statusCodes = new StatusCodes(protocols.database);
  const exit = new ExitBootServices(events, memory, statusCodes, quirks);
  const tables = new SystemTableState(
    platform,
    memory,
    {
      revision: quirks.has('DxeCore.TableRevision270') ? REVISION_2_70 : REVISION_2_11,
      dxeRevision: quirks.has('DxeCore.DxeRevision180') ? PI_REVISION_1_80 : PI_REVISION_1_90,
    },
    configurationTable.tables,
  );

  const context: CoreContext = {
    platform,
    debug,
    quirks,
    events,
    protocols,
    memory,
    statusCodes,
    trace,
    get coreImage() {
      return coreImage;
    },
    get endedBy() {
      return exit.endedBy;
    },
    createSystemTable: (caller) =>
      new SystemTableFace(
        tables,
        caller,
        new BootServicesFace(parts, caller),
        new RuntimeServicesFace(parts, caller),
      ),
    createLibraries: (name) => ({
      ram: memory.guard === undefined ? platform.ram : guardedRam(platform.ram, memory.guard, name),
      debug: new ModuleDebug(platform, name, onDebug, trace),
      quirks,
      memoryFence: () => platform.cpu.fence(),
      trace,
    }),
  };
  const images = new ImageServices(context, runtimes, modules);
  const architecture = new Architecture(protocols);
  const isInstalled = (guid: Guid): boolean => protocols.database.isInstalled(guid);
  const dispatcher = new Dispatcher(modules, {
    isInstalled,
    startModule: (module) => images.startModule(module),
    onRound: () => events.signalGroup(EFI_EVENT_GROUP_DXE_DISPATCH),
    debug,
    quirks,
    trace,
  });
  const parts: BootServicesParts = {
    platform,
    events,
    memory,
    protocols,
    images,
    configurationTable,
    exit,
    architecture,
    watchdog: new Watchdog(architecture),
    tplWatch: new TplWatch(events, onFinding),
    statusCodes,
    dispatcher,
    gcd: () => gcd,
    exitBootServices: (caller, mapKey) => {
      exit.exit(caller, mapKey);
      tables.exitBootServices();
    },
    calculateCrc32: (data) => {
      if (data.length > 0) return crc32(data);
      throw new EfiError('EFI_INVALID_PARAMETER', 'CalculateCrc32 of 0 bytes');
    },
  };

  const physicalMap = (): EfiMemoryMap => memory.getMemoryMap();
  const virtualAddresses = new VirtualAddressMap(events, exit, physicalMap, {
    quirks,
    statusCodes,
    convertTables: (convert) => tables.convertPointers(convert),
  });

  let coreImage: ImageRecord | undefined;
  coreImage = images.register('DxeCore');
  protocols.database.coreImageHandle = coreImage.handle;
  const lab = images.register('lab');
  const gcd = new GcdServices(domain, {
    events,
    memory,
    architecture,
    quirks,
    core: coreImage.handle,
  });
  // what the core itself embodies; other modules wait for it in their dependency expressions
  protocols.installMultipleProtocolInterfaces(
    undefined,
    protocolInterface(CpuArchProtocol, null),
    protocolInterface(MetronomeArchProtocol, null),
    protocolInterface(TimerArchProtocol, null),
    protocolInterface(ResetArchProtocol, null),
    protocolInterface(RuntimeArchProtocol, virtualAddresses),
  );
  /** DxeMain says before BDS whether what it needs is there. */
  const reportHandOff = (): void => {
    if (depexHolds(ALL_EFI_SERVICES_AVAILABLE, isInstalled)) {
      statusCodes.progress(EFI_SOFTWARE_DXE_CORE | EFI_SW_DXE_CORE_PC_HANDOFF_TO_NEXT);
    } else {
      statusCodes.error(EFI_ERROR_MAJOR, EFI_SOFTWARE_DXE_CORE | EFI_SW_DXE_CORE_EC_NO_ARCH);
    }
  };

  configurationTable.install(
    EFI_DXE_SERVICES_TABLE_GUID,
    new DxeServicesTable(
      tables.dxeServices,
      (caller) => new DxeServicesFace(tables.dxeServices, parts, caller),
    ),
  );

  return {
    systemTable: lab.loadedImage.systemTable,
    labImage: lab.handle,
    dispatch: () => dispatcher.dispatch(),
    run(): never {
      dispatcher.dispatch();
      dispatcher.displayUndispatched();
      reportHandOff();
      const bds = protocols.database.isInstalled(BdsArchProtocol.guid)
        ? protocols.locateProtocol(BdsArchProtocol)
        : undefined;
      const reason = bds?.entry() ?? 'nothing is left to boot';
      return platform.end(new TerminalSignal('stopped', reason));
    },
    handles: () => protocols.database.snapshot(),
    images: () => images.images(),
    holdings: () => ({
      memory: memory.held(),
      events: events
        .open()
        .flatMap(({ number, type, owner }) =>
          owner === undefined ? [] : [{ image: owner, number, type }],
        ),
    }),
    interrupts: () => ({ taken: events.interrupts.taken, deepest: events.interrupts.deepest }),
    nameOf,
    driverCalls: () => protocols.drivers.calls.stack,
    startFailures: () => protocols.drivers.calls.failures(),
    moduleFailures: () => dispatcher.failures(),
    undispatched: () => dispatcher.undispatched(),
    get bootServicesEndedBy() {
      return exit.endedBy;
    },
  };
}
