import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutAddresses } from './without-addresses.fixture.ts';

const ROOT = new URL('../../../../../', import.meta.url);
const file = (path: string): string => fileURLToPath(new URL(path, ROOT));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const PAGE = read('docs/rings.md');

/** A few boots, on a busy machine. */
const PATIENCE = 120_000;

/** What a folder of pictures was drawn from. */
const SCENARIOS: Readonly<Record<string, string>> = {
  split: 'split-ring.yaml',
  packed: 'packed-ring.yaml',
  '2013': 'history-2013/before-in-place.yaml',
};

/** Pictures of the page: `split/virtio-blk-02-0-queue-0-request-1-step-1.svg`. */
const shown = [...PAGE.matchAll(/^!\[[^\]]+\]\(rings\/(\S+\.svg)\)$/gmu)].map(
  ([, path = '']) => path,
);
const checkedIn = Object.keys(SCENARIOS).flatMap((folder) =>
  readdirSync(file(`docs/rings/${folder}`)).map((name) => `${folder}/${name}`),
);

let output = '';
beforeAll(() => {
  output = mkdtempSync(join(tmpdir(), 'dxelab-rings-'));
});
afterAll(() => rmSync(output, { recursive: true }));

function ring(...args: readonly string[]) {
  const command = [file('apps/dxelab/bin/dxelab.js'), 'ring', ...args];
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

const demo = (name: string): string => file(`apps/dxelab/demo/${name}`);

describe('the page on rings', { timeout: PATIENCE }, () => {
  test('shows each picture that is there', () => {
    expect(shown.toSorted()).toEqual(checkedIn.toSorted());
  });

  test.each(Object.entries(SCENARIOS))(
    'has the pictures of %s as dxelab ring draws them',
    (folder, scenario) => {
      const ours = shown.filter((path) => path.startsWith(`${folder}/`));
      const requests = new Set(ours.map((path) => /request-(\d+)/u.exec(path)?.[1] ?? ''));
      for (const request of requests) {
        const options = ['--request', request, '--all', '--format', 'svg', '--output', output];
        expect(ring(demo(scenario), ...options)).toMatchObject({ status: 0, stderr: '' });
      }
      for (const path of ours) {
        const drawn = readFileSync(join(output, basename(path)), 'utf8');
        expect(withoutAddresses(drawn), path).toBe(withoutAddresses(read(`docs/rings/${path}`)));
      }
    },
  );

  test('has the text that dxelab ring prints', () => {
    const [, options = '', text = ''] = /^```text (.*?)\n(.*?)^```$/msu.exec(PAGE) ?? [];
    const [scenario = '', ...rest] = options.split(' ');
    const { status, stdout } = ring(demo(scenario), ...rest);
    expect(status).toBe(0);
    expect(withoutAddresses(stdout)).toContain(withoutAddresses(text));
  });

  test('asks for a packed ring as the demonstration does', () => {
    const [, asked = ''] =
      /(^firmware:\n(?: .*\n)+)/mu.exec(read('apps/dxelab/demo/packed-ring.yaml')) ?? [];
    expect(PAGE).toContain(`\`\`\`yaml\n${asked}\`\`\`\n`);
  });
});
