import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { QemuMachine, QemuMachineOptions } from './qemu-machine.ts';
import { createQemuMachine } from './qemu-machine.ts';
import type { QemuProgram } from './program/qemu-program.ts';
import { probeQemu } from './program/qemu-program.ts';
import { QemuError } from './qemu-error.ts';

const MIB = 2 ** 20;
/** How long a process that was ended may take to be gone, in milliseconds. */
const PATIENCE = 10_000;

/** What is installed here, or why nothing can be tried with it. Asked once: it takes its time. */
const INSTALLED = ((): QemuProgram | string => {
  try {
    return probeQemu();
  } catch (caught) {
    if (caught instanceof QemuError) return caught.message;
    throw caught;
  }
})();

/** Why tests against QEMU cannot run here; `undefined` if they can, or if they must. */
export function whyNoQemu(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  return typeof INSTALLED === 'string' ? `[skipped: ${INSTALLED}]` : undefined;
}

/** A machine with 16 MiB, a q35 unless it is told otherwise. */
export function testMachine(options: Partial<QemuMachineOptions> = {}): QemuMachine {
  const qemu = typeof INSTALLED === 'string' ? {} : { qemu: INSTALLED };
  return createQemuMachine({ ...qemu, machine: 'q35', memory: 16 * MIB, ...options });
}

/** What a function throws. */
export function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (caught) {
    return caught;
  }
  throw new Error('nothing was thrown');
}

/** Whether a process runs; one that only waits to be noticed by its parent does not. */
export function runs(id: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Waits until a process is gone. @throws an Error if it stays */
export async function gone(id: number): Promise<void> {
  for (const start = Date.now(); runs(id); await setTimeout(5)) {
    if (Date.now() - start > PATIENCE) throw new Error(`process ${id} is still there`);
  }
}

/**
 * Waits until the files of machines that are there now are gone: those that have names, and those that
 * this process has open. Other tests may have machines too, but not for long.
 */
export async function nothingLeft(): Promise<void> {
  const there = machineFiles();
  for (const start = Date.now(); ; await setTimeout(5)) {
    const now = new Set(machineFiles());
    const left = there.filter((file) => now.has(file));
    if (left.length === 0) return;
    if (Date.now() - start > PATIENCE) throw new Error(`left behind: ${left.join(', ')}`);
  }
}

function machineFiles(): readonly string[] {
  const named = ['/dev/shm', tmpdir()]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const open = readdirSync('/proc/self/fd').map((file) => targetOf(`/proc/self/fd/${file}`));
  return [...named, ...open].filter((path) => path.includes('/dxelab-qemu-'));
}

/** What an open file is; nothing if it was closed meanwhile. */
function targetOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
