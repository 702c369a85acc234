import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOOLS = ['sgdisk', 'fdisk', 'mkfs.fat', 'mcopy', 'mmd', 'objdump'];
/** Debian's boot loader, as its build made it. */
export const SYSTEMD_BOOT = '/usr/lib/systemd/boot/efi/systemd-bootx64.efi';

/** Debian keeps the disk tools where a plain user's path may not look. */
const env = {
  ...process.env,
  LC_ALL: 'C.UTF-8',
  MTOOLS_SKIP_CHECK: '1',
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
};

/** Why tests with a real disk cannot run here; `undefined` if they can, or if they must. */
export function missingTools(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--help'], { env }).error !== undefined);
  if (!existsSync(SYSTEMD_BOOT)) missing.push(SYSTEMD_BOOT);
  return missing.length === 0 ? undefined : `[skipped: not installed: ${missing.join(', ')}]`;
}

export interface RealDiskFormat {
  /** In bytes; the image is sparse. */
  readonly size: number;
  readonly fat: 12 | 16 | 32;
  /** In bytes. */
  readonly blockSize: 512 | 4096;
}

/** A disk with a GPT and one EFI system partition, made by Debian's tools in a folder of its own. */
export class RealDisk implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #offset: number;

  constructor({ size, fat, blockSize }: RealDiskFormat) {
    this.#folder = mkdtempSync(join(tmpdir(), 'dxelab-real-'));
    this.path = join(this.#folder, 'disk.img');
    writeFileSync(this.path, '');
    truncateSync(this.path, size);
    // Up to a megabyte before the end, which leaves room for the backup of the table.
    const first = 2 ** 20 / blockSize;
    const last = size / blockSize - first - 1;
    this.#offset = first * blockSize;
    if (blockSize === 512) {
      this.#run('sgdisk', [`--new=1:${first}:${last}`, '--typecode=1:EF00', this.path]);
    } else {
      const keys = ['g', 'n', '1', `${first}`, `${last}`, 't', '1', 'w', ''];
      this.#run('fdisk', ['-b', `${blockSize}`, this.path], keys.join('\n'));
    }
    const kibibytes = ((last - first + 1) * blockSize) / 1024;
    const format = `-F ${fat} -S ${blockSize} --offset ${first}`.split(' ');
    this.#run('mkfs.fat', [...format, this.path, `${kibibytes}`]);
  }

  makeDirectory(...paths: readonly string[]): void {
    this.#run('mmd', ['-i', this.#volume, ...paths.map((path) => `::${path}`)]);
  }

  /** Copies a file of the host; `/` separates. */
  copyFileIn(file: string, path: string): void {
    this.#run('mcopy', ['-i', this.#volume, file, `::${path}`]);
  }

  copyIn(content: Uint8Array, path: string): void {
    const file = join(this.#folder, 'in');
    writeFileSync(file, content);
    this.copyFileIn(file, path);
  }

  /** What mtools read back. */
  copyOut(path: string): Uint8Array {
    return this.#run('mcopy', ['-n', '-i', this.#volume, `::${path}`, '-']);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  get #volume(): string {
    return `${this.path}@@${this.#offset}`;
  }

  #run(tool: string, parameters: readonly string[], input = ''): Uint8Array {
    return execFileSync(tool, parameters, {
      env,
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 2 ** 30,
    });
  }
}
