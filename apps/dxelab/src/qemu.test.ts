import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findQemu } from '@dxelab/node-host';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const GUID = '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b1e';
/** A command takes a second on a busy machine; a hang is what these tests are there to catch. */
const PATIENCE = 60_000;

/** Why these tests are skipped; it stands in their title. */
const skip = ((): string | undefined => {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  try {
    findQemu();
    return undefined;
  } catch (caught) {
    return `[skipped: ${caught instanceof Error ? caught.message : String(caught)}]`;
  }
})();

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A scenario on QEMU, with a driver whose entry point does this. */
function scenario(name: string, body: string): string {
  const module = `export const module = {
    name: 'Test', fileGuid: '${GUID}', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
    entryPoint(imageHandle: unknown, { bootServices }: any): void { ${body} },
  };`;
  writeFileSync(join(folder, `${name}.ts`), module);
  const text = `machine: { kind: qemu, memory: 64 MiB }\nfirmware: { drivers: [./${name}.ts] }\n`;
  writeFileSync(join(folder, `${name}.yaml`), text);
  return join(folder, `${name}.yaml`);
}

interface RunningBoot {
  readonly child: ChildProcess;
  /** Of QEMU, which runs by now. */
  readonly qemu: number;
  /** Comes when the command is over. */
  readonly end: Promise<{ readonly status: number | null; readonly output: string }>;
}

/** Begins to boot, and waits until QEMU runs and the driver is at work. */
async function begin(file: string): Promise<RunningBoot> {
  const child = spawn(process.execPath, [BIN, 'boot', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const end = new Promise<{ status: number | null; output: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, output }));
  });
  await vi.waitUntil(() => output.includes('at work'), PATIENCE);
  const [qemu, ...others] = childrenOf(child.pid);
  if (qemu === undefined || others.length > 0) throw new Error('expected one child, QEMU');
  return { child, qemu, end };
}

function childrenOf(parent: number | undefined): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name).startsWith(`${parent} `))
    .map(Number);
}

/** What stands behind the name of a process and its state: its parent, and more. */
function statOf(process: string): string {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 4);
  } catch {
    return '';
  }
}

/** Waits until QEMU is gone. */
async function gone(qemu: number): Promise<void> {
  await vi.waitUntil(() => !existsSync(`/proc/${qemu}/exe`), 10_000);
}

const POLLS = "console.error('at work'); for (;;) bootServices.stall(100);";

describe.skipIf(skip !== undefined)(
  `dxelab boot on QEMU leaves nothing running ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    test.for([
      ['a driver that polls', POLLS],
      ['a driver that loops in JavaScript', "console.error('at work'); for (;;);"],
    ] as const)('Ctrl-C in the middle of %s', async ([name, body]) => {
      const boot = await begin(scenario(name.replaceAll(' ', '-'), body));
      boot.child.kill('SIGINT');
      expect(await boot.end).toMatchObject({
        status: 130,
        output: expect.stringContaining('interrupted while'),
      });
      await gone(boot.qemu);
    });

    test('the command is killed', async () => {
      const boot = await begin(scenario('killed', POLLS));
      boot.child.kill('SIGKILL');
      expect(await boot.end).toMatchObject({ status: null });
      await gone(boot.qemu);
    });

    test('QEMU is killed: the boot ends, and says why', async () => {
      const boot = await begin(scenario('lost', POLLS));
      process.kill(boot.qemu, 'SIGKILL');
      expect(await boot.end).toMatchObject({
        status: 1,
        output: expect.stringContaining('Outcome power-loss: QEMU has exited'),
      });
      await gone(boot.qemu);
    });

    test('a driver has a bug: the boot ends with its stack', async () => {
      const body = "console.error('at work'); bootServices.stall(2000000); imageHandle.no.such();";
      const boot = await begin(scenario('bug', body));
      expect(await boot.end).toMatchObject({
        status: 1,
        output: expect.stringMatching(/Outcome crashed: TypeError[\s\S]*bug\.ts/),
      });
      await gone(boot.qemu);
    });
  },
);

describe('dxelab boot without a QEMU that will do', { timeout: PATIENCE }, () => {
  test.for([
    [
      'too old',
      '#!/bin/sh\necho QEMU emulator version 6.2.0',
      /is QEMU 6\.2\.0, and at least 7\.2 is needed/,
    ],
    ['no QEMU', '#!/bin/sh\necho hello', /is no QEMU: it answers "hello"/],
    ['missing', undefined, /is not installed: on Debian it is in the package qemu-system-x86/],
  ] as const)('%s: that is said at the place in the scenario', ([name, script, message]) => {
    const bin = join(folder, `bin-${name.replaceAll(' ', '-')}`);
    mkdirSync(bin);
    if (script !== undefined) {
      writeFileSync(join(bin, 'qemu-system-x86_64'), `${script}\n`);
      chmodSync(join(bin, 'qemu-system-x86_64'), 0o755);
    }
    const file = scenario(`without-${name.replaceAll(' ', '-')}`, '');
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'boot', file], {
      encoding: 'utf8',
      env: { ...process.env, PATH: bin },
      timeout: PATIENCE,
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .*\.yaml:1:18: machine\.kind: /);
    expect(stderr).toMatch(message);
  });
});
