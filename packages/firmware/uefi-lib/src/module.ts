import type { EfiHandle, EfiSystemTable, Guid, Protocol } from '@dxelab/uefi';
import type { GuestRam, Platform, Tracer } from '@dxelab/platform';
import type { DebugLib } from './debug-lib.ts';
import type { Quirks } from './quirks.ts';

/** MODULE_TYPE of an INF. A UEFI_DRIVER without a dependency expression waits for the architecture. */
export type ModuleType = 'DXE_DRIVER' | 'DXE_RUNTIME_DRIVER' | 'UEFI_DRIVER' | 'UEFI_APPLICATION';

/**
 * A dependency expression (PI Vol. 2 §10.7): over protocols, by their tokens, and, alone, before or
 * after another module. What begins with SOR holds only after Schedule has asked for the module.
 */
export type Depex =
  | { readonly op: 'TRUE' | 'FALSE' }
  | { readonly op: 'PUSH'; readonly protocol: Protocol<unknown> }
  | { readonly op: 'AND' | 'OR'; readonly operands: readonly Depex[] }
  | { readonly op: 'NOT'; readonly operand: Depex }
  | { readonly op: 'SOR'; readonly operand: Depex }
  | { readonly op: 'BEFORE' | 'AFTER'; readonly fileGuid: Guid };

/** What a build links into a module: memory to dereference, DebugLib, and the quirks as its PCDs. */
export interface ModuleLibraries {
  /** Guest RAM, as any C module reaches it through its pointers. */
  readonly ram: GuestRam;
  readonly debug: DebugLib;
  readonly quirks: Quirks;
  /** BaseLib's MemoryFence: orders memory accesses before it against those after it. */
  memoryFence(): void;
  /** For events of the module's own; absent if nobody listens. */
  readonly trace?: Tracer | undefined;
}

/** For a module whose EDK II counterpart uses IoLib or is the CPU's own business. */
export interface HardwareLibraries extends ModuleLibraries {
  readonly platform: Platform;
}

interface ModuleInformation {
  /** BASE_NAME */
  readonly name: string;
  /** FILE_GUID */
  readonly fileGuid: Guid;
  readonly moduleType: ModuleType;
  readonly depex?: Depex;
}

/** A module as its INF describes it, with its entry point. */
export type DxeModule = ModuleInformation &
  (
    | {
        readonly hardware?: false;
        /** ENTRY_POINT. Throws an EfiError to be unloaded again. */
        entryPoint(
          imageHandle: EfiHandle,
          systemTable: EfiSystemTable,
          libraries: ModuleLibraries,
        ): void;
      }
    | {
        /** LibraryClasses contains IoLib: the module is given the platform. */
        readonly hardware: true;
        entryPoint(
          imageHandle: EfiHandle,
          systemTable: EfiSystemTable,
          libraries: HardwareLibraries,
        ): void;
      }
  );

/** Whether what a user's file exports is a module; the loader of a scenario says what is missing. */
export function isDxeModule(value: unknown): value is DxeModule {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'fileGuid' in value &&
    typeof value.fileGuid === 'string' &&
    'moduleType' in value &&
    typeof value.moduleType === 'string' &&
    'entryPoint' in value &&
    typeof value.entryPoint === 'function'
  );
}
