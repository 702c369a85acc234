import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Platform } from '@dxelab/platform';
import { TerminalSignal } from '@dxelab/platform';
import { describe, expect, test } from 'vitest';
import { probeQemu } from './program/qemu-program.ts';
import { QemuError } from './qemu-error.ts';
import { createQemuMachine } from './qemu-machine.ts';
import { gone, nothingLeft, runs, testMachine, thrownBy } from './test-qemu.fixture.ts';
import { whyNoQemu } from './test-qemu.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

/** For an answer of QEMU's, in milliseconds: a busy host takes its time to start it. */
const DEADLINE = 2000;

/** Switches a machine of built code on, tells its process, and never comes to an end. */
const ENDLESS = `
  const { parentPort } = require('node:worker_threads');
  import('${new URL('../dist/index.js', import.meta.url).href}').then(({ createQemuMachine }) => {
    const { processId, platform } = createQemuMachine({ machine: 'q35', memory: 2 ** 24 });
    if (parentPort === null) require('node:fs').writeSync(1, String(processId));
    else parentPort.postMessage(processId);
    for (;;) platform.ports.read8(0x3fd);
  });
`;

/** A shell script that takes QEMU's part. */
class FakeQemu implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fake-qemu-'));
  readonly path = join(this.#folder, 'qemu-system-x86_64');

  constructor(script: string) {
    writeFileSync(this.path, `#!/bin/sh\n${script}\n`);
    chmodSync(this.path, 0o755);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

describe('a QEMU that is not what is needed', () => {
  test('is missing: the message names the package of Debian', () => {
    const caught = thrownBy(() => probeQemu('qemu-system-unicorn'));
    expect(caught).toMatchObject({
      kind: 'missing',
      message: expect.stringMatching(/^qemu-system-unicorn is not installed: .*qemu-system-x86/),
    });
    expect(thrownBy(() => probeQemu('/nowhere/qemu'))).toMatchObject({ kind: 'missing' });
    expect(thrownBy(() => probeQemu('/etc/passwd'))).toMatchObject({ kind: 'missing' });
  });

  test.for([
    ['too old', 'echo "QEMU emulator version 6.2.0 (Debian 1:6.2)"', 'at least 7.2 is needed'],
    ['something else', 'echo hello', 'is no QEMU: it answers "hello"'],
    ['broken', 'echo no library >&2; exit 127', 'failed: no library (status 127)'],
  ])('is %s', ([, script = '', message = '']) => {
    using fake = new FakeQemu(script);
    expect(thrownBy(() => probeQemu(fake.path))).toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining(message),
    });
  });

  test('is new enough, and says what accelerators it has', () => {
    using fake = new FakeQemu(
      'case $1 in --version) echo "QEMU emulator version 10.0.2 (v10)";; ' +
        '*) echo "Accelerators supported in QEMU binary:"; echo qtest; echo tcg;; esac',
    );
    expect(probeQemu(fake.path)).toEqual({
      path: fake.path,
      version: '10.0.2',
      accelerators: ['qtest', 'tcg'],
    });
  });

  test.for([
    ['exits at once', 'echo "no such machine" >&2; exit 1', 'exited', 'It said: no such machine'],
    ['never answers', 'exec sleep 60', 'silent', 'has not answered for 200 ms'],
    ['answers nonsense', 'echo what?; exec sleep 60', 'refused', 'answered "what?"'],
  ] as const)('%s when it is started', async ([, script, kind, message]) => {
    using fake = new FakeQemu(script);
    const caught = thrownBy(() =>
      createQemuMachine({
        qemu: { path: fake.path, version: '7.2', accelerators: ['tcg'] },
        machine: 'q35',
        memory: 2 ** 24,
        deadline: 200,
      }),
    );
    expect(caught).toBeInstanceOf(QemuError);
    expect(caught).toMatchObject({ kind, message: expect.stringContaining(message) });
    await nothingLeft();
  });
});

describe.skipIf(skip !== undefined)(`nothing is left behind ${skip ?? ''}`, () => {
  test('a machine that is closed has no process and no files', async () => {
    const machine = testMachine();
    const { processId } = machine;
    expect(runs(processId)).toBe(true);
    machine.close();
    machine.close();
    await gone(processId);
    await nothingLeft();
    expect(machine.takeConsole()).toHaveLength(0);
  });

  test('a machine that is closed is a world without power', () => {
    const machine = testMachine();
    const { ram, ports, mmio, clock, cpu } = machine.platform;
    machine.close();
    const powerLoss = expect.objectContaining({ kind: 'power-loss' });
    expect(thrownBy(() => ram.readUint8(0))).toEqual(powerLoss);
    expect(thrownBy(() => ports.write8(0x3f8, 0))).toEqual(powerLoss);
    expect(thrownBy(() => mmio.read32(0))).toEqual(powerLoss);
    expect(thrownBy(() => clock.delay(1))).toEqual(powerLoss);
    expect(thrownBy(() => cpu.fence())).toEqual(powerLoss);
  });

  test.for([
    ['is killed', 'SIGKILL', 'exited', 'QEMU has exited'],
    [
      'stops answering',
      'SIGSTOP',
      'silent',
      `QEMU has not answered for ${DEADLINE} ms, and was ended`,
    ],
  ] as const)(
    'QEMU %s in the middle of a boot',
    { timeout: 20_000 },
    async ([, signal, kind, message]) => {
      using machine = testMachine({ deadline: DEADLINE });
      const { ports, ram } = machine.platform;
      expect(ports.read8(0x3fd)).toBe(0x60);
      process.kill(machine.processId, signal);
      const end = thrownBy(() => {
        for (;;) ports.read8(0x3fd);
      });
      expect(end).toBeInstanceOf(TerminalSignal);
      expect(end).toMatchObject({ kind: 'power-loss', message, details: { kind } });
      // The world is dead, and stays so.
      expect(thrownBy(() => ram.readUint8(0))).toBe(end);
      await gone(machine.processId);
    },
  );

  const acts: readonly (readonly [string, (platform: Platform) => void])[] = [
    ['waits', ({ clock }) => clock.delay(50_000)],
    ['sleeps', ({ clock }) => clock.delay(60e9)],
    ['looks into shared RAM', ({ ram }) => void ram.readUint16(0x1000)],
  ];
  test.for(acts)('QEMU goes while the firmware only %s', async ([, act]) => {
    using machine = testMachine({ budget: { time: 30e9 } });
    process.kill(machine.processId, 'SIGKILL');
    const end = thrownBy(() => {
      for (;;) act(machine.platform);
    });
    expect(end).toMatchObject({ kind: 'power-loss', details: { kind: 'exited' } });
    await gone(machine.processId);
  });

  test('QEMU falls silent while the firmware only waits', { timeout: 20_000 }, async () => {
    using machine = testMachine({ deadline: DEADLINE, budget: { time: 30e9 } });
    process.kill(machine.processId, 'SIGSTOP');
    const end = thrownBy(() => machine.platform.clock.delay(60e9));
    expect(end).toMatchObject({ kind: 'power-loss', details: { kind: 'silent' } });
    await gone(machine.processId);
  });

  test.for(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'when our process is ended by %s in the middle of a boot',
    async (signal) => {
      const child = spawn(process.execPath, ['--eval', ENDLESS], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(child.stdout, 'data');
      const qemu = Number(line);
      expect(runs(qemu)).toBe(true);
      child.kill(signal);
      await once(child, 'exit');
      await gone(qemu);
      await nothingLeft();
    },
  );

  test('when the thread that boots is terminated, as the command line does at Ctrl-C', async () => {
    // Without the test runner's own conditions, under which packages are sources.
    const worker = new Worker(ENDLESS, { eval: true, execArgv: [] });
    const [qemu] = await once(worker, 'message');
    expect(runs(Number(qemu))).toBe(true);
    await worker.terminate();
    await gone(Number(qemu));
  });
});
