import { findQemu } from '@dxelab/node-host';
import type { Host, LiveConsole, MachineInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareScenario } from '@dxelab/scenario';
import { describe, expect, test } from 'vitest';
import { driver } from '../scenario/live.fixture.ts';
import { whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const PATIENCE = 30_000;

/** Says what it reads until Enter, and that half a second has passed without a key. */
const echo = driver('Echo', ({ bootServices: bs, conIn, conOut }) => {
  if (conIn === undefined) throw new TypeError('there is no ConIn');
  const timer = bs.createEvent(0x8000_0000);
  for (let line = ''; ;) {
    bs.setTimer(timer, 'TimerRelative', 5_000_000);
    if (bs.waitForEvent([conIn.waitForKey, timer]) === 1) {
      conOut?.outputString('.');
      continue;
    }
    const character = String.fromCodePoint(conIn.readKeyStroke()?.unicodeChar ?? 0);
    if (character === '\r') return void conOut?.outputString(`<${line}>`);
    line += character;
  }
});

const host: Host = {
  resolve: (_base, path) => path,
  openDisk: (path) => {
    throw new Error(`no disk ${path}`);
  },
  loadModule: () => Promise.reject(new Error('no module')),
  findQemu,
};

async function bootOnQemu(machine: Omit<MachineInput, 'kind' | 'memory'>, live?: LiveConsole) {
  const scenario = defineScenario({
    machine: { kind: 'qemu', memory: '64 MiB', ...machine },
    firmware: { drivers: ['ovmf', echo] },
    steps: [{ connect: 'all' }],
  });
  const prepared = await prepareScenario(scenario, host);
  let sent = '';
  const onSerial = (byte: number): void => void (sent += String.fromCharCode(byte));
  return { report: boot(prepared, { live, onSerial }), sent };
}

describe.skipIf(skip !== undefined)(`typing on QEMU ${skip ?? ''}`, { timeout: PATIENCE }, () => {
  test.for(['q35', 'pc', 'microvm'] as const)(
    'a scenario types on a %s what it types on the emulated machine',
    async (machine) => {
      const { report } = await bootOnQemu({ machine, input: 'grüße, QEMU\r' });
      expect(report.console).toBe('<grüße, QEMU>');
      expect(report.outcome.kind).toBe('completed');
    },
  );

  test('each text at its time', async () => {
    const { report } = await bootOnQemu({ input: [{ text: 'a' }, { text: 'b\r', at: '3 s' }] });
    expect(report.console).toMatch(/^\.{3,}<ab>$/);
    expect(report.virtualTime).toBeGreaterThan(3e9);
  });

  test('a person types while it runs, and sees what it sends; no budget ends it', async () => {
    const start = performance.now();
    const keys = Array.from('hi\r', (key) => key.charCodeAt(0));
    const { report, sent } = await bootOnQemu(
      { budget: { virtualTime: '1 s' } },
      {
        read: () => (performance.now() - start < 2500 ? undefined : keys.shift()),
        now: () => performance.now() * 1e6,
        sleep: () => false,
        isSwitchedOff: () => false,
      },
    );
    expect(report.clock).toBe('real');
    expect(sent).toMatch(/^\.{3,}<hi>$/);
  });

  test('he can switch it off', async () => {
    const { report } = await bootOnQemu(
      {},
      { read: () => undefined, now: () => 0, sleep: () => false, isSwitchedOff: () => true },
    );
    expect(report.outcome).toMatchObject({
      kind: 'power-loss',
      message: 'the machine was switched off at the console',
    });
  });
});
