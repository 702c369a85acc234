import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOOLS = ['mkfs.fat', 'fsck.fat', 'mcopy', 'mdir', 'mdel', 'mmd'];

/** Names beyond ASCII pass through mtools only in a UTF-8 locale; Debian keeps mkfs.fat in /usr/sbin. */
const env = {
  ...process.env,
  LC_ALL: 'C.UTF-8',
  MTOOLS_SKIP_CHECK: '1',
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
};

/** Why tests against Debian's tools cannot run here; `undefined` if they can, or if they must. */
export function missingTools(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--help'], { env }).error !== undefined);
  return missing.length === 0 ? undefined : `[skipped: not installed: ${missing.join(', ')}]`;
}

export interface ImageFormat {
  readonly fat: 12 | 16 | 32;
  /** In bytes. */
  readonly size: number;
  readonly sectorsPerCluster: number;
  readonly sectorSize: number;
  readonly label?: string;
}

/** An image of a FAT volume made by mkfs.fat, which mtools fill and fsck.fat judges. */
export class FatImage implements Disposable {
  readonly #folder: string;
  readonly path: string;

  constructor(format: ImageFormat) {
    this.#folder = mkdtempSync(join(tmpdir(), 'dxelab-fat-'));
    this.path = join(this.#folder, 'disk.img');
    writeFileSync(this.path, '');
    truncateSync(this.path, format.size);
    const { fat, sectorsPerCluster, sectorSize, label } = format;
    const named = label === undefined ? [] : ['-n', label];
    run(
      'mkfs.fat',
      `-F ${fat} -s ${sectorsPerCluster} -S ${sectorSize}`.split(' ').concat(named, this.path),
    );
  }

  /** Copies contents to the volume; `/` separates. */
  copyIn(path: string, content: Uint8Array): void {
    const file = join(this.#folder, 'in');
    writeFileSync(file, content);
    run('mcopy', ['-o', '-i', this.path, file, `::${path}`]);
  }

  /** Copies many files into one directory with one command. */
  copyAllIn(path: string, files: ReadonlyMap<string, Uint8Array>): void {
    const folder = join(this.#folder, 'all');
    mkdirSync(folder);
    for (const [name, content] of files) {
      const file = join(folder, name);
      writeFileSync(file, content);
    }
    run('mcopy', [
      '-s',
      '-i',
      this.path,
      ...[...files.keys()].map((name) => join(folder, name)),
      `::${path}`,
    ]);
    rmSync(folder, { recursive: true });
  }

  makeDirectory(path: string): void {
    run('mmd', ['-i', this.path, `::${path}`]);
  }

  delete(path: string): void {
    run('mdel', ['-i', this.path, `::${path}`]);
  }

  /** All files of the volume, by their paths. */
  copyAllOut(): Map<string, Uint8Array> {
    const folder = join(this.#folder, 'out');
    mkdirSync(folder);
    run('mcopy', ['-s', '-n', '-i', this.path, '::/', folder]);
    const files = new Map<string, Uint8Array>();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) files.set(`/${name}`, new Uint8Array(readFileSync(path)));
    }
    rmSync(folder, { recursive: true });
    return files;
  }

  /** The full paths below a directory, as mtools see them, sorted. */
  list(path: string): string[] {
    return run('mdir', ['-b', '-a', '-/', '-i', this.path, `::${path}`])
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^::/, ''))
      .toSorted();
  }

  /** When a file was last written, as mtools tell it: `2026-11-21 12:00`. */
  writtenAt(path: string): string {
    const listing = run('mdir', ['-i', this.path, `::${path}`]);
    return /(\d{4}-\d\d-\d\d) +(\d+:\d\d)/u.exec(listing)?.slice(1).join(' ') ?? listing;
  }

  /** What fsck.fat has to say; its exit status is 0 only when there is nothing to repair. */
  check(): { readonly status: number | null; readonly report: string } {
    const { status, stdout, stderr } = spawnSync('fsck.fat', ['-n', '-v', this.path], {
      env,
      encoding: 'utf8',
    });
    return { status, report: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function run(tool: string, parameters: readonly string[]): string {
  return execFileSync(tool, parameters, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
}
