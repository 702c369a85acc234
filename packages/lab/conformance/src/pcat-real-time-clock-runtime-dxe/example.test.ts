import { expect, test } from 'vitest';

test('the example of the README tells the time', async () => {
  const { now, wakes } = await import('./example.fixture.ts');
  expect(now).toMatchObject({ year: 2026, month: 11, day: 21, hour: 12, minute: 0, second: 30 });
  expect(wakes).toBe(true);
});
