import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const DEMO = new URL('apps/dxelab/demo/history-2013/', ROOT);
const DOCS = new URL('docs/', ROOT);
const PAGE = readFileSync(new URL('the-bug-of-2013.md', DOCS), 'utf8');
/** Four boots on a busy machine. */
const PATIENCE = 60_000;

const SCENARIOS = ['before-copying', 'before-in-place', 'after-copying', 'after-in-place'];

/** Lines of a trace, by the scenario; without the times, which change with every module of OVMF. */
const traces = new Map<string, readonly string[]>();
const tracesOf = (scenario: string): readonly string[] => traces.get(scenario) ?? [];

/** As `tracesOf`, of the first read alone: from its first descriptor to its checksum. */
function firstRead(scenario: string): readonly string[] {
  const lines = tracesOf(scenario);
  const from = lines.findIndex((line) => line.includes('VirtioAppendDesc'));
  return lines.slice(from, 1 + lines.findIndex((line) => line.includes('Crc32')));
}

/** Where memory lies changes, too: only which addresses are the same counts, and where in a page. */
function withoutPages(lines: readonly string[]): readonly string[] {
  const pages: string[] = [];
  return lines.map((line) =>
    line.replace(/PhysAddr=(?<page>\w+)(?=\w{3} )/u, (_, page: string) => {
      if (!pages.includes(page)) pages.push(page);
      return `PhysAddr=page ${pages.indexOf(page)}+`;
    }),
  );
}

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  const [, events = ''] = /--events '(.*)'/u.exec(PAGE) ?? [];
  for (const scenario of SCENARIOS) {
    const trace = join(folder, 'boot.txt');
    const bin = fileURLToPath(new URL('apps/dxelab/bin/dxelab.js', ROOT));
    const yaml = fileURLToPath(new URL(`${scenario}.yaml`, DEMO));
    const command = [bin, 'boot', yaml, '--trace', trace, '--events', events];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${scenario} ended with status ${status}: ${stderr}`);
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
    traces.set(
      scenario,
      lines.map((line) => line.slice(line.indexOf(' ') + 1)),
    );
  }
  rmSync(folder, { recursive: true });
}, PATIENCE);
afterAll(() => traces.clear());

describe('the page on the bug of 2013', () => {
  const blocks = [...PAGE.matchAll(/^```text (\S+)\.yaml ?(.*)\n([^`]*)\n```$/gmu)].map(
    ([, scenario = '', pattern = '', text = '']) => ({ scenario, pattern, text }),
  );

  test.each(blocks)('shows what $scenario traces $pattern', ({ scenario, pattern, text }) => {
    const wanted = pattern === '' ? /^(?!disk_)/u : new RegExp(pattern, 'u');
    const traced = firstRead(scenario).filter((line) => wanted.test(line));
    expect(withoutPages(text.split('\n'))).toEqual(withoutPages(traced));
  });

  test.each(SCENARIOS)('has a row of what %s comes to', (scenario) => {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${scenario}.yaml\``));
    const [, , submitted, sums] = row?.split('|').map((cell) => cell.trim()) ?? [];
    const pops = firstRead(scenario).filter((line) => line.startsWith('virtqueue_pop'));
    expect(submitted).toBe(pops.length === 1 ? 'once' : `${pops.length} times`);
    const said = tracesOf(scenario).flatMap((line) => /Crc32=(\w+)/u.exec(line)?.[1] ?? []);
    expect(sums).toBe(said.join(' '));
  });

  test('shows code that is there', () => {
    const [, path = '', code = ''] = /^```ts (\S+)\n(.*?)^```$/msu.exec(PAGE) ?? [];
    expect(readFileSync(new URL(path, DOCS), 'utf8')).toContain(code);
  });

  test('has three blocks of traces', () => {
    expect(blocks).toHaveLength(3);
  });
});
