import type { Tracer } from '@dxelab/platform';
import type { Guid } from '@dxelab/uefi';
import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { DEBUG_DISPATCH, DEBUG_ERROR, DEBUG_LOAD } from '@dxelab/uefi-lib';
import type { DebugLib, Depex, DxeModule, Quirks } from '@dxelab/uefi-lib';
import { ALL_EFI_SERVICES_AVAILABLE, depexHolds, depexText, unmetPart } from './depex.ts';
import type { IsInstalled } from './depex.ts';

/** What the dispatcher needs of the core. */
export interface DispatcherOptions {
  readonly isInstalled: IsInstalled;
  /** Loads and starts a module's image; throws an EfiError, with the image unloaded, if it failed. */
  readonly startModule: (module: DxeModule) => void;
  /** Called when nothing is left to start for now, if anything was. */
  readonly onRound?: () => void;
  readonly debug: Pick<DebugLib, 'debug'>;
  readonly quirks: Quirks;
  /** The a-priori file: FILE_GUIDs of the modules that come first, in this order, whatever they wait for. */
  readonly aPriori?: readonly Guid[];
  readonly trace?: Tracer | undefined;
}

/** A module that failed, and is not tried again. */
export interface ModuleFailure {
  readonly module: DxeModule;
  readonly error: EfiError;
  /** What its entry point said, or why there was no image to start. */
  readonly reason: string;
}

/** A module whose turn never came. */
export interface UndispatchedModule {
  readonly module: DxeModule;
  /** The part of its dependency expression that does not hold, as an INF spells it. */
  readonly unmet: string;
}

/** A module that waits for its turn. */
interface Discovered {
  readonly module: DxeModule;
  depex: Depex;
  /** What its expression has once found, where that counts for ever (quirk). */
  readonly found: Set<Guid>;
}

/**
 * The DXE dispatcher (PI 1.9 Vol. 2 §10): starts modules in the order of their dependency
 * expressions, until no expression holds that did not before.
 * MdeModulePkg/Core/Dxe/Dispatcher/Dispatcher.c. An application is never dispatched.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #remembersPush: boolean;
  readonly #names: ReadonlyMap<Guid, string>;
  /** In order of discovery; who is scheduled leaves. */
  readonly #waiting: Set<Discovered>;
  readonly #scheduled: DxeModule[] = [];
  readonly #failures: ModuleFailure[] = [];
  #running = false;

  constructor(modules: readonly DxeModule[], options: DispatcherOptions) {
    this.#options = options;
    this.#remembersPush = options.quirks.has('DxeCore.DepexRemembersPush');
    this.#names = new Map(modules.map(({ fileGuid, name }) => [fileGuid, name]));
    const dispatchable = modules.filter(({ moduleType }) => moduleType !== 'UEFI_APPLICATION');
    const aPriori = (options.aPriori ?? []).flatMap((guid) =>
      dispatchable.filter(({ fileGuid }) => fileGuid === guid),
    );
    this.#scheduled.push(...aPriori);
    this.#waiting = new Set(
      dispatchable
        .filter((module) => !aPriori.includes(module))
        .map((module) => ({
          module,
          depex: module.depex ?? ALL_EFI_SERVICES_AVAILABLE,
          found: new Set(),
        })),
    );
  }

  /**
   * Starts what can be started (Dispatch(), PI 1.9 Vol. 2 §7.3.1).
   * @returns how many modules were; where EDK II returns EFI_NOT_FOUND, 0
   * @throws EFI_ALREADY_STARTED if a module calls it that is being dispatched
   */
  dispatch(): number {
    if (this.#running) {
      throw new EfiError('EFI_ALREADY_STARTED', 'the dispatcher is at work already');
    }
    this.#running = true;
    this.#options.trace?.('dxe_dispatch_begin', { modules: this.#waiting.size });
    let dispatched = 0;
    try {
      do {
        dispatched += this.#startScheduled();
        if (dispatched > 0) this.#options.onRound?.();
      } while (this.#schedule());
      return dispatched;
    } finally {
      this.#running = false;
      this.#options.trace?.('dxe_dispatch_end', { dispatched });
    }
  }

  /**
   * Asks for a module whose expression begins with SOR (Schedule(), PI 1.9 Vol. 2 §7.3.2): its turn comes when
   * the rest holds.
   * @returns whether there is one that waits for this
   */
  schedule(fileGuid: Guid): boolean {
    for (const discovered of this.#waiting) {
      const { module, depex } = discovered;
      if (module.fileGuid !== fileGuid || depex.op !== 'SOR') continue;
      discovered.depex = depex.operand;
      return true;
    }
    return false;
  }

  /** The modules that failed to load or whose entry point failed. */
  failures(): readonly ModuleFailure[] {
    return this.#failures;
  }

  /** The modules that still wait, and for what. */
  undispatched(): readonly UndispatchedModule[] {
    return [...this.#waiting].map(({ module, depex, found }) => {
      const unmet = unmetPart(depex, (guid) => this.#finds(guid, found)) ?? depex;
      return { module, unmet: depexText(unmet, (guid) => this.#names.get(guid) ?? guid) };
    });
  }

  /** Says with DEBUG what was never dispatched. Dispatcher.c: CoreDisplayDiscoveredNotDispatched. */
  displayUndispatched(): void {
    for (const { module, unmet } of this.undispatched()) {
      this.#options.debug.debug(
        DEBUG_LOAD,
        `${module.name} was discovered but not dispatched; it waits for: ${unmet}`,
      );
    }
  }

  #startScheduled(): number {
    let started = 0;
    for (let next = this.#scheduled.shift(); next !== undefined; next = this.#scheduled.shift()) {
      this.#start(next);
      started += 1;
    }
    return started;
  }

  #start(module: DxeModule): void {
    this.#options.debug.debug(DEBUG_DISPATCH, `dispatching ${module.name}`);
    try {
      this.#options.startModule(module);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      // StartImage says whose image it was, which everybody knows who reads this.
      const { message: reason } = isEfiFailure(caught.cause) ? caught.cause : caught;
      this.#failures.push({ module, error: caught, reason });
      this.#report(module, caught, reason);
    }
  }

  /** A module that finds nothing to do on this machine says so with EFI_UNSUPPORTED: that is no error. */
  #report({ name }: DxeModule, { status }: EfiError, reason: string): void {
    const { debug } = this.#options;
    if (status === 'EFI_UNSUPPORTED') debug.debug(DEBUG_LOAD, `${name} is not needed: ${reason}`);
    else debug.debug(DEBUG_ERROR, `${name} was not started: ${reason}`);
  }

  /** Schedules whoever's expression holds now; returns whether anybody's does. */
  #schedule(): boolean {
    for (const discovered of this.#waiting) {
      const { depex, found } = discovered;
      const holds = depexHolds(depex, (guid) => this.#finds(guid, found));
      if (holds) this.#insert(discovered);
    }
    return this.#scheduled.length > 0;
  }

  #finds(guid: Guid, found: Set<Guid>): boolean {
    if (this.#remembersPush && found.has(guid)) return true;
    const installed = this.#options.isInstalled(guid);
    if (installed) found.add(guid);
    return installed;
  }

  /** Schedules a module, and with it who wants to come right before or right after it. */
  #insert(discovered: Discovered): void {
    this.#waiting.delete(discovered);
    this.#insertAll('BEFORE', discovered.module.fileGuid);
    this.#scheduled.push(discovered.module);
    this.#insertAll('AFTER', discovered.module.fileGuid);
  }

  #insertAll(op: 'BEFORE' | 'AFTER', fileGuid: Guid): void {
    for (const other of this.#waiting) {
      if (other.depex.op === op && other.depex.fileGuid === fileGuid) this.#insert(other);
    }
  }
}
