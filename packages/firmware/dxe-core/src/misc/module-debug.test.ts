import { expect, test } from 'vitest';
import { TestPlatform } from '../test-platform.fixture.ts';
import { ModuleDebug } from './module-debug.ts';

test('DEBUG is a trace event, too, and needs nobody else who listens', () => {
  const traced: [string, object][] = [];
  const debug = new ModuleDebug(new TestPlatform(), 'TalkDxe', undefined, (name, fields) =>
    traced.push([name, fields]),
  );
  debug.debug(0x40, 'hello');
  expect(traced).toEqual([['debug', { module: 'TalkDxe', message: 'hello' }]]);
});
