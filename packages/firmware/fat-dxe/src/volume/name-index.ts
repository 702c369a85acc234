import { shortNameOf } from '../layout/short-name.ts';
import type { DirectoryEntry } from './directory-entry.ts';

/** Finds the entries of a directory by either of their names, without regard to case, in one step. */
export class NameIndex {
  readonly #fold: (name: string) => string;
  readonly #byName = new Map<string, DirectoryEntry>();
  readonly #byShortName = new Map<string, DirectoryEntry>();

  /** @param fold makes two names equal that are the same without regard to case */
  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  /** Of two entries with one name, which only a broken directory has, the first is found. */
  add(entry: DirectoryEntry): void {
    const key = this.#fold(entry.name);
    if (!this.#byName.has(key)) this.#byName.set(key, entry);
    if (!this.#byShortName.has(entry.shortName)) this.#byShortName.set(entry.shortName, entry);
  }

  remove(entry: DirectoryEntry): void {
    const key = this.#fold(entry.name);
    if (this.#byName.get(key) === entry) this.#byName.delete(key);
    if (this.#byShortName.get(entry.shortName) === entry) this.#byShortName.delete(entry.shortName);
  }

  /** By the name; then, if that could be one, by the 8.3 name. */
  find(name: string): DirectoryEntry | undefined {
    const entry = this.#byName.get(this.#fold(name));
    if (entry !== undefined) return entry;
    const short = shortNameOf(name);
    return short.exact ? this.#byShortName.get(short.name) : undefined;
  }

  hasShortName(shortName: string): boolean {
    return this.#byShortName.has(shortName);
  }
}
