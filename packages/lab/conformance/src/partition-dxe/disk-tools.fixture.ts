import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOOLS = ['sgdisk', 'sfdisk', 'fdisk', 'xorriso'];

/** Debian keeps the partitioning tools where a plain user's path may not look. */
const env = {
  ...process.env,
  LC_ALL: 'C.UTF-8',
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
};

/** Why tests against Debian's tools cannot run here; `undefined` if they can, or if they must. */
export function missingTools(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--help'], { env }).error !== undefined);
  return missing.length === 0 ? undefined : `[skipped: not installed: ${missing.join(', ')}]`;
}

/** A partition as a tool prints it. */
export interface ListedPartition {
  /** Blocks. */
  readonly start: number;
  readonly size: number;
  /** A GUID, or the hexadecimal digits of an MBR's type. */
  readonly type: string;
  readonly uuid?: string;
  readonly attrs?: string;
}

/** A table as a tool prints it. */
export interface ListedTable {
  /** The disk's GUID, or `0x` and the signature of the MBR. */
  readonly id: string;
  readonly partitions: readonly ListedPartition[];
}

/** An image that Debian's tools partition and judge, in a folder of its own. */
export class ToolImage implements Disposable {
  readonly folder: string;
  readonly path: string;

  /** @param size in bytes; without one a tool makes the image */
  constructor(size?: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'dxelab-disk-'));
    this.path = join(this.folder, 'disk.img');
    if (size === undefined) return;
    writeFileSync(this.path, '');
    truncateSync(this.path, size);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(readFileSync(this.path));
  }

  set bytes(bytes: Uint8Array) {
    writeFileSync(this.path, bytes);
  }

  /** sgdisk, with the image as its last parameter. */
  sgdisk(...parameters: readonly string[]): string {
    return run('sgdisk', [...parameters, this.path]);
  }

  /** sfdisk, with the lines of a script. */
  sfdisk(...script: readonly string[]): void {
    run('sfdisk', [this.path], script);
  }

  /** fdisk for a disk with blocks of another size than 512 bytes: what a person would type. */
  fdisk(blockSize: number, ...keys: readonly string[]): void {
    run('fdisk', ['-b', `${blockSize}`, this.path], keys);
  }

  /** What sfdisk says that stands on the disk. @param label the table, where there are two */
  list(label?: 'dos'): ListedTable {
    const which = label === undefined ? [] : ['--label-nested', label];
    const answer: { readonly partitiontable: ListedTable } = JSON.parse(
      run('sfdisk', ['--json', ...which, this.path]),
    );
    return answer.partitiontable;
  }

  /** What fdisk says that stands on a disk with blocks of another size: the columns, line by line. */
  columns(blockSize: number, columns: string): readonly (readonly string[])[] {
    const text = run('fdisk', ['-b', `${blockSize}`, '-l', '-o', columns, this.path]);
    const [, table = ''] = text.split(/^(?:Device|Start) .*\n/m);
    return table
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  }

  /** Makes the image of a CD from files, with what xorriso's mkisofs is to do about booting. */
  mkisofs(files: Readonly<Record<string, Uint8Array>>, ...parameters: readonly string[]): void {
    const tree = join(this.folder, 'tree');
    execFileSync('mkdir', ['-p', tree]);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(tree, name), content);
    run('xorriso', ['-as', 'mkisofs', '-o', this.path, ...parameters, tree]);
  }

  /** The boot catalog as xorriso prints it: emulation, virtual sectors, first sector. */
  elTorito(): readonly (readonly [emulation: string, sectors: number, lba: number])[] {
    const report = run('xorriso', ['-indev', this.path, '-report_el_torito', 'plain']);
    return [...report.matchAll(/^El Torito boot img : .*$/gm)].map(([line]) => {
      const words = line.trim().split(/\s+/);
      return [words[8] ?? '', Number(words[11]), Number(words[12])];
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

function run(tool: string, parameters: readonly string[], input: readonly string[] = []): string {
  return execFileSync(tool, parameters, {
    env,
    encoding: 'utf8',
    input: input.map((line) => `${line}\n`).join(''),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
