import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const ROOT = new URL('../../../../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/compare-machines.md', ROOT), 'utf8');
const [scenario = '', differences = ''] = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(
  ([, text]) => text ?? '',
);

/** What `dxelab compare` says of a scenario beside the demonstration's disk. */
function compare(text: string): { readonly status: number | null; readonly stdout: string } {
  using image = new ImageFile(demoDisk());
  const folder = dirname(image.path);
  writeFileSync(join(folder, 'scenario.yaml'), text);
  const command = fileURLToPath(new URL('apps/dxelab/bin/dxelab.js', ROOT));
  const { status, stdout } = spawnSync(process.execPath, [command, 'compare', 'scenario.yaml'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout };
}

describe.skipIf(skip !== undefined)(
  `the page on comparing machines ${skip ?? ''}`,
  { timeout: 60_000 },
  () => {
    test('shows what its scenario comes to', () => {
      const { status, stdout } = compare(scenario);
      expect(status).toBe(1);
      const [, shown = ''] = /^```text\n(.*?)^```$/msu.exec(PAGE) ?? [];
      expect(shown).toContain('Outcome differ');
      const told = stdout.split('\n');
      for (const line of shown.split('\n')) {
        const parts = line.split('…').map((part) => part.trimEnd());
        const isTold = told.some((each) => parts.every((part) => each.includes(part)));
        expect(isTold, line).toBe(true);
      }
    });

    test('declares what is left', () => {
      const text = scenario.replace(/^differences:.*/msu, differences);
      expect(compare(text)).toEqual({
        status: 0,
        stdout: expect.stringContaining('Outcome agreed'),
      });
    });
  },
);
