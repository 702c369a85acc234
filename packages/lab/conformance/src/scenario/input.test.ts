import { parseScenario, ScenarioError } from '@dxelab/scenario';
import type { MachineInput } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { bootLive, driver } from './live.fixture.ts';

/** Reads keys until Enter, and says what they were, and when. */
const echo = driver('Echo', ({ bootServices: bs, conIn, conOut }, { platform }) => {
  if (conIn === undefined) throw new TypeError('there is no ConIn');
  let line = '';
  for (;;) {
    bs.waitForEvent([conIn.waitForKey]);
    const character = String.fromCodePoint(conIn.readKeyStroke()?.unicodeChar ?? 0);
    if (character === '\r') break;
    line += character;
  }
  conOut?.outputString(`${line} at ${Math.floor(platform.clock.now() / 1e9)} s`);
});

function consoleAfter(input: MachineInput['input']): string {
  return bootLive({
    machine: { memory: '64 MiB', input },
    firmware: { drivers: ['ovmf', echo] },
    steps: [{ connect: 'all' }],
  }).console;
}

test('what is typed waits for who reads it', () => {
  expect(consoleAfter('grüße\r')).toBe('grüße at 0 s');
});

test('each text at its time, which is virtual', () => {
  expect(consoleAfter([{ text: 'he' }, { text: 'llo\r', at: '5 s' }])).toBe('hello at 5 s');
});

test('what nobody types ends with the budget, and hangs nobody', () => {
  const report = bootLive({
    machine: { memory: '64 MiB', budget: { virtualTime: '3 s' } },
    firmware: { drivers: ['ovmf', echo] },
    steps: [{ connect: 'all' }],
  });
  expect(report.outcome.kind).toBe('budget-spent');
});

test.each([['machine: { input: 5 }'], ['machine: { input: [{ at: 2 s }] }']])(
  '%s is no input',
  (yaml) => {
    expect(() => parseScenario(yaml, 'x.yaml')).toThrow(ScenarioError);
  },
);
