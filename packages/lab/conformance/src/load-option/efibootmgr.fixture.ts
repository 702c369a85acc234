import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EFI_GLOBAL_VARIABLE } from '@dxelab/uefi';

/** Why tests against efibootmgr cannot run here; `undefined` if they can, or must. */
export function missingEfibootmgr(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = spawnSync('efibootmgr', ['--version']).error !== undefined;
  return missing ? '[skipped: not installed: efibootmgr (Debian package efibootmgr)]' : undefined;
}

const ATTRIBUTES = Uint8Array.of(7, 0, 0, 0);

/** A directory in place of Linux's efivarfs: a file for each variable, its attributes in front of its data. */
export class Efivarfs {
  readonly #directory = mkdtempSync(join(tmpdir(), 'dxelab-efivars-'));

  write(name: string, data: Uint8Array): void {
    writeFileSync(this.#pathOf(name), Uint8Array.of(...ATTRIBUTES, ...data));
  }

  read(name: string): Uint8Array {
    return Uint8Array.from(readFileSync(this.#pathOf(name)).subarray(ATTRIBUTES.length));
  }

  /** What efibootmgr says. */
  efibootmgr(...args: readonly string[]): string {
    const env = { ...process.env, EFIVARFS_PATH: `${this.#directory}/`, LIBEFIVAR_OPS: 'efivarfs' };
    return execFileSync('efibootmgr', args, { env, encoding: 'latin1' });
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }

  #pathOf(name: string): string {
    return join(this.#directory, `${name}-${EFI_GLOBAL_VARIABLE}`);
  }
}
