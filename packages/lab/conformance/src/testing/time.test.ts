import { createLab } from '@dxelab/testing';
import { expect, test } from 'vitest';

test('the clock of a lab shows the time that it is told, or that of every run', () => {
  const at = (time?: string): unknown => {
    const { core } = createLab(time === undefined ? {} : { time });
    return core.systemTable.runtimeServices.getTime().time;
  };
  expect(at()).toMatchObject({ year: 2026, month: 1, day: 1, hour: 0 });
  expect(at('2027-02-03T04:05:06Z')).toMatchObject({ year: 2027, month: 2, day: 3, hour: 4 });
  expect(() => at('tomorrow')).toThrow(/machine\.time: expected a time in UTC/);
});
