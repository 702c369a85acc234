import { spawnSync } from 'node:child_process';
import { QemuError } from '../qemu-error.ts';
import { findProgram } from './find-program.ts';

const QEMU = 'qemu-system-x86_64';
/** The oldest one that this was tried with. */
const OLDEST = [7, 2] as const;
/** What QEMU may take to tell its version, in milliseconds: a busy host starts programs slowly. */
const PATIENCE = 10_000;

/** A QEMU that is installed, and what it can do. */
export interface QemuProgram {
  readonly path: string;
  /** Such as `7.2.22`. */
  readonly version: string;
  /** Such as `tcg` and `kvm`; distributions leave out `qtest`, which is not needed. */
  readonly accelerators: readonly string[];
}

/**
 * Looks for QEMU and asks it what it is. That takes some 50 ms, so ask once and pass the answer on.
 * @param program a path, or a name to be looked for; default: `qemu-system-x86_64`
 * @throws QemuError `missing`, or `unsuitable` if it is too old or is no QEMU
 */
export function probeQemu(program: string = QEMU): QemuProgram {
  const path = findProgram(program);
  if (path === undefined) {
    throw new QemuError(
      'missing',
      `${program} is not installed: on Debian it is in the package qemu-system-x86 ` +
        '(apt-get install --no-install-recommends qemu-system-x86)',
    );
  }
  const version = versionIn(path, ask(path, '--version'));
  const [, ...accelerators] = lines(ask(path, '-accel', 'help'));
  return { path, version, accelerators };
}

function versionIn(path: string, output: string): string {
  const [, version, major, minor] =
    /^QEMU emulator version ((\d+)\.(\d+)(?:\.\d+)*)/.exec(output) ?? [];
  if (version === undefined) {
    throw new QemuError('unsuitable', `${path} is no QEMU: it answers "${lines(output)[0] ?? ''}"`);
  }
  const [oldestMajor, oldestMinor] = OLDEST;
  const age = Number(major) - oldestMajor || Number(minor) - oldestMinor;
  if (age >= 0) return version;
  throw new QemuError(
    'unsuitable',
    `${path} is QEMU ${version}, and at least ${OLDEST.join('.')} is needed`,
  );
}

function ask(path: string, ...parameters: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(path, parameters, {
    encoding: 'utf8',
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error === undefined && status === 0) return stdout;
  const reason = error?.message ?? `${stderr.trim()} (status ${status})`;
  throw new QemuError('unsuitable', `${path} ${parameters.join(' ')} failed: ${reason}`);
}

function lines(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
