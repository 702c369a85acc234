import type { EfiDriverBinding, EfiHandle } from '@dxelab/uefi';
import {
  BusSpecificDriverOverrideProtocol,
  DriverBindingProtocol,
  DriverFamilyOverrideProtocol,
  PlatformDriverOverrideProtocol,
  efiStatusOf,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { HandleDatabase } from './handle-database.ts';
import type { InstalledInterface } from './protocol-entry.ts';

/** A driver binding that can be asked, and whether it is still installed when its turn comes. */
export type Candidate = InstalledInterface<EfiDriverBinding>;

/** What GetDriver of the override protocols answers: the image after the one before. */
type NextImage = (previous: EfiHandle | undefined) => EfiHandle | undefined;

/**
 * In which order ConnectController asks the drivers: the five precedence rules of UEFI 2.11 §7.3.12.
 * The first four promote some; all others follow by version. A driver stands in the list once, at its
 * first place. MdeModulePkg/Core/Dxe/Hand/DriverSupport.c.
 */
export class DriverCandidates {
  readonly #database: HandleDatabase;
  readonly #imagesIgnored: boolean;
  readonly #familyStopsEarly: boolean;
  /** Everybody by version, as most controllers ask for it, and the generation it was sorted for. */
  #byVersion: readonly Candidate[] = [];
  #sortedGeneration = -1;

  constructor(database: HandleDatabase, quirks: Quirks) {
    this.#database = database;
    this.#imagesIgnored = quirks.has('DxeCore.ContextOverrideByBindingHandle');
    this.#familyStopsEarly = quirks.has('DxeCore.FamilyOverrideStopsEarly');
  }

  /**
   * The drivers to ask for a controller; none if the system has no driver binding. `undefined` if
   * there are more of them now than before: an override has loaded one, and the list must be made anew.
   * @param context the drivers that the caller wants to be tried first
   */
  sorted(controller: EfiHandle, context: readonly EfiHandle[]): readonly Candidate[] | undefined {
    const entry = this.#database.findEntry(DriverBindingProtocol);
    const count = entry?.count ?? 0;
    if (entry === undefined || count === 0) return [];
    const all = entry.interfaces().filter(hasInterface);
    const promoted = new Set<Candidate>();
    this.#addContext(context, all, promoted);
    this.#addPlatform(controller, all, promoted);
    this.#addFamily(all, promoted);
    this.#addBusSpecific(controller, all, promoted);
    if (entry.count > count) return undefined;
    if (promoted.size > 0) {
      const others = all.filter((candidate) => !promoted.has(candidate));
      return [...promoted, ...sortByVersion(others)];
    }
    if (entry.generation !== this.#sortedGeneration) {
      this.#byVersion = sortByVersion(all);
      this.#sortedGeneration = entry.generation;
    }
    return this.#byVersion;
  }

  /** Rule 1: what the caller of ConnectController names. */
  #addContext(
    context: readonly EfiHandle[],
    all: readonly Candidate[],
    promoted: Set<Candidate>,
  ): void {
    for (const handle of context) {
      const candidate = this.#database.lookUp(handle, DriverBindingProtocol);
      if (candidate !== undefined && hasInterface(candidate)) promoted.add(candidate);
      else if (!this.#imagesIgnored) addByImage(handle, all, promoted);
    }
  }

  /** Rule 2: what the platform names for this controller. */
  #addPlatform(controller: EfiHandle, all: readonly Candidate[], promoted: Set<Candidate>): void {
    const platform = this.#database.findEntry(PlatformDriverOverrideProtocol)?.first?.interface;
    if (!platform) return;
    this.#addImages((previous) => platform.getDriver(controller, previous), all, promoted);
  }

  /** Rule 3: drivers that carry a family override, the highest version first. */
  #addFamily(all: readonly Candidate[], promoted: Set<Candidate>): void {
    let goOn = Boolean(this.#database.findEntry(DriverFamilyOverrideProtocol)?.first?.interface);
    while (goOn) {
      let best: Candidate | undefined;
      let highest = -1;
      let newestHasOne = false;
      for (const candidate of all) {
        const version = promoted.has(candidate) ? undefined : this.#familyVersion(candidate);
        newestHasOne = version !== undefined;
        if (version !== undefined && version > highest) {
          highest = version;
          best = candidate;
        }
      }
      if (best !== undefined) promoted.add(best);
      goOn = best !== undefined && (newestHasOne || !this.#familyStopsEarly);
    }
  }

  /** Rule 4: what the controller's bus names. */
  #addBusSpecific(
    controller: EfiHandle,
    all: readonly Candidate[],
    promoted: Set<Candidate>,
  ): void {
    const bus = this.#database.lookUp(controller, BusSpecificDriverOverrideProtocol)?.interface;
    if (!bus) return;
    this.#addImages((previous) => bus.getDriver(previous), all, promoted);
  }

  #familyVersion(candidate: Candidate): number | undefined {
    const family = this.#database.lookUp(candidate.handle, DriverFamilyOverrideProtocol)?.interface;
    return family ? family.getVersion() : undefined;
  }

  #addImages(next: NextImage, all: readonly Candidate[], promoted: Set<Candidate>): void {
    for (let image = ask(next, undefined); image !== undefined; image = ask(next, image)) {
      if (this.#database.isHandle(image)) addByImage(image, all, promoted);
    }
  }
}

/** The next image; an override that fails has no more, as in C. */
function ask(next: NextImage, previous: EfiHandle | undefined): EfiHandle | undefined {
  try {
    return next(previous);
  } catch (caught) {
    efiStatusOf(caught);
    return undefined;
  }
}

/** An image may have installed several driver bindings. */
function addByImage(image: EfiHandle, all: readonly Candidate[], promoted: Set<Candidate>): void {
  for (const candidate of all) {
    if (candidate.interface.imageHandle === image) promoted.add(candidate);
  }
}

/** A tag without an interface cannot be asked. */
function hasInterface(candidate: Candidate): boolean {
  return Boolean(candidate.interface);
}

/**
 * Rule 5: the highest version first. Equal versions stand where EDK II's sort leaves them, which
 * exchanges and so does not quite keep the order of installation; the standard names none.
 */
function sortByVersion(candidates: readonly Candidate[]): readonly Candidate[] {
  const sorted = [...candidates];
  for (const [place, here] of sorted.entries()) {
    let highest = place;
    let found = here;
    for (let index = place + 1; index < sorted.length; index += 1) {
      const other = sorted[index];
      if (other !== undefined && other.interface.version > found.interface.version) {
        highest = index;
        found = other;
      }
    }
    sorted[highest] = here;
    sorted[place] = found;
  }
  return sorted;
}
