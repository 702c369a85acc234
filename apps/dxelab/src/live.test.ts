import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findQemu } from '@dxelab/node-host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PseudoTerminal } from './pseudo-terminal.fixture.ts';

/** Why nothing is tried on QEMU; it stands in a title. */
const skip = ((): string | undefined => {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  try {
    findQemu();
    return undefined;
  } catch (caught) {
    return `[skipped: ${caught instanceof Error ? caught.message : String(caught)}]`;
  }
})();

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const PATIENCE = 60_000;

/** Shows each key in brackets, or that two seconds have passed without one; Enter is the end. */
const KEYS = driver(`
  const timer = bootServices.createEvent(0x80000000);
  conOut.outputString('ready');
  for (let line = ''; ; ) {
    bootServices.setTimer(timer, 'TimerRelative', 20_000_000);
    if (bootServices.waitForEvent([conIn.waitForKey, timer]) === 1) {
      conOut.outputString('<nothing>');
      continue;
    }
    const { unicodeChar } = conIn.readKeyStroke();
    if (unicodeChar === 13) return void conOut.outputString('<' + line + '>');
    line += String.fromCharCode(unicodeChar);
    conOut.outputString('[' + unicodeChar.toString(16) + ']');
  }`);

/** Never touches the machine again. */
const LOOP = driver(`conOut.outputString('looping'); for (;;);`);

function driver(body: string): string {
  return `export const module = {
    name: 'Typed', fileGuid: '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b2e', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
    entryPoint(imageHandle: unknown, { bootServices, conIn, conOut }: any): void {${body}},
  };`;
}

let folder = '';
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-live-'));
  for (const [name, module] of Object.entries({ keys: KEYS, loop: LOOP })) {
    writeFileSync(path(`${name}.ts`), module);
    // what is booted would be a menu, which waits as long as somebody sits there
    const text = `firmware: { drivers: [ovmf, ./${name}.ts] }\nsteps: [connect: all]\n`;
    writeFileSync(path(`${name}.yaml`), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function sitDown(scenario: string, ...options: readonly string[]): PseudoTerminal {
  return new PseudoTerminal(folder, [
    process.execPath,
    BIN,
    'boot',
    scenario,
    '--interactive',
    ...options,
  ]);
}

describe('dxelab boot --interactive, at a terminal', { timeout: PATIENCE }, () => {
  test('each key reaches the firmware as it is pressed, and what it shows is seen at once', async () => {
    const terminal = sitDown('keys.yaml');
    await terminal.shows('ready');
    for (const key of ['a', 'ä']) {
      terminal.type(key);
      await terminal.shows(`[${key.codePointAt(0)?.toString(16)}]`);
    }
    terminal.type('\r');
    await terminal.shows('Outcome');
    const { shown, isRestored } = await terminal.end();
    expect(shown).not.toContain('<nothing>');
    expect(isRestored).toBe(true);
  });

  test('a wait of two seconds is one, and what is typed then is still taken', async () => {
    const terminal = sitDown('keys.yaml');
    await terminal.shows('ready');
    const start = performance.now();
    await terminal.shows('<nothing>');
    expect(performance.now() - start).toBeGreaterThan(1900);
    terminal.type('k\r');
    await terminal.shows('<k>');
    await terminal.end();
  });

  test('Ctrl-A c and Ctrl-A a type Ctrl-C and Ctrl-A', async () => {
    const terminal = sitDown('keys.yaml');
    await terminal.shows('ready');
    terminal.type('\u0001c\u0001a\r');
    await terminal.shows('[3][1]');
    expect((await terminal.end()).isRestored).toBe(true);
  });

  test('Ctrl-A x switches the machine off, and there is a report', async () => {
    const terminal = sitDown('keys.yaml');
    await terminal.shows('ready');
    terminal.type('\u0001x');
    await terminal.shows('power-loss: the machine was switched off at the console');
    expect(await terminal.end()).toMatchObject({ status: 1, isRestored: true });
  });

  test('Ctrl-A h says what there is', async () => {
    const terminal = sitDown('keys.yaml');
    await terminal.shows('ready');
    terminal.type('\u0001h');
    await terminal.shows('Ctrl-A c  type Ctrl-C');
    terminal.type('\u0003');
    expect((await terminal.end()).status).toBe(130);
  });

  test('Ctrl-C ends a driver that never touches the machine, and the terminal is as before', async () => {
    const terminal = sitDown('loop.yaml');
    await terminal.shows('looping');
    terminal.type('\u0003');
    const { shown, status, isRestored } = await terminal.end();
    expect(shown).toContain('interrupted while dispatching modules, in the entry point of Typed');
    expect([status, isRestored]).toEqual([130, true]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s leaves the terminal as it was',
    async (signal) => {
      const terminal = sitDown('keys.yaml');
      await terminal.shows('ready');
      terminal.signal(signal);
      expect(await terminal.end()).toMatchObject({ status: 130, isRestored: true });
    },
  );

  test('a scenario that cannot be read leaves it so, too', async () => {
    const terminal = sitDown('gone.yaml');
    await terminal.shows('there is no such file');
    expect(await terminal.end()).toMatchObject({ status: 2, isRestored: true });
  });

  test.skipIf(skip !== undefined)(`on QEMU, too ${skip ?? ''}`, async () => {
    const terminal = sitDown('keys.yaml', '--machine', 'qemu');
    await terminal.shows('ready');
    terminal.type('q');
    await terminal.shows('[71]');
    await terminal.shows('<nothing>');
    terminal.type('\u0001x');
    await terminal.shows('power-loss: the machine was switched off at the console');
    expect(await terminal.end()).toMatchObject({ status: 1, isRestored: true });
  });

  test('--timeout ends it, as without a person', async () => {
    const terminal = sitDown('keys.yaml', '--timeout', '3');
    await terminal.shows('no end after 3 s of real time');
    expect(await terminal.end()).toMatchObject({ status: 1, isRestored: true });
  });
});

/** Runs the command in a pipe. */
function dxelab(...args: readonly string[]) {
  const options = { cwd: folder, encoding: 'utf8', timeout: PATIENCE, input: '' } as const;
  return spawnSync(process.execPath, [BIN, 'boot', ...args], options);
}

describe('without a terminal', { timeout: PATIENCE }, () => {
  test('--interactive says that it needs one, and what does not', () => {
    const { status, stderr } = dxelab('keys.yaml', '--interactive');
    expect(stderr).toContain('--interactive needs a terminal to type at and to show on: --input');
    expect(status).toBe(2);
  });

  test('a script types in virtual time, the same in each run: fifty seconds pass in no time', () => {
    const input = 'machine: { input: [{ text: "k\\r", at: 50 s }] }\n';
    writeFileSync(path('late.yaml'), `${input}firmware: { drivers: [ovmf, ./keys.ts] }\n`);
    const start = performance.now();
    const { console: shown } = JSON.parse(dxelab('late.yaml', '--json').stdout);
    expect(shown).toBe(`ready${'<nothing>'.repeat(24)}[6b]<k>`);
    expect(performance.now() - start).toBeLessThan(30_000);
  });
});

describe('dxelab boot --serial-log', { timeout: PATIENCE }, () => {
  test('writes what leaves the serial port, byte by byte', () => {
    writeFileSync(path('typed.txt'), 'ab\r');
    dxelab('keys.yaml', '--input', 'typed.txt', '--serial-log', 'serial.log');
    expect(readFileSync(path('serial.log'), 'latin1')).toBe('ready[61][62]<ab>');
  });

  test('has what was said before a loop that had to be ended', () => {
    const { status } = dxelab('loop.yaml', '--serial-log', 'loop.log', '--timeout', '10');
    expect(status).toBe(1);
    expect(readFileSync(path('loop.log'), 'latin1')).toBe('looping');
  });

  test('has what is shown at a terminal as well', async () => {
    const terminal = sitDown('keys.yaml', '--serial-log', 'live.log');
    await terminal.shows('ready');
    terminal.type('k\r');
    await terminal.end();
    expect(readFileSync(path('live.log'), 'latin1')).toBe('ready[6b]<k>');
  });

  test('says why it cannot be written', () => {
    const { status, stderr } = dxelab('keys.yaml', '--serial-log', 'no/such/folder.log');
    expect(stderr).toContain('--serial-log no/such/folder.log: ENOENT');
    expect(status).toBe(2);
  });
});
