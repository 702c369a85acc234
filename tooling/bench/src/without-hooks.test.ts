import { expect, test } from 'vitest';
import { removeHooks } from './without-hooks.ts';

test('every hook becomes an empty statement, and nothing else changes', () => {
  const code = [
    'run() {',
    "    this.#trace?.('queue', { device: nameOf(this), sum: (1 + 2) * 3 });",
    '    if (late)',
    "        bus.trace?.('late', {});",
    '    if (this.#trace !== undefined)',
    '        this.#traceRead(region.name, address);',
    "    host?.trace?.('read', {",
    '        sector,',
    '    });',
    '    this.trace(1);',
    '}',
  ].join('\n');
  expect(removeHooks(code)).toEqual({
    code: ['run() {', ';;', '    if (late)', ';;', '    ;', ';;', '    this.trace(1);', '}'].join(
      '\n',
    ),
    hooks: 4,
  });
});
