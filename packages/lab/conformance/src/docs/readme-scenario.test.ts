import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../../../', import.meta.url);
const file = (path: string): string => fileURLToPath(new URL(path, ROOT));

test(
  "the README's scenario runs, with the README's driver, as a user would run it",
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
    try {
      const readme = readFileSync(file('README.md'), 'utf8');
      const block = (language: RegExp): string =>
        new RegExp(`^\`\`\`${language.source}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
      writeFileSync(join(folder, 'scenario.yaml'), block(/yaml/));
      writeFileSync(join(folder, 'hello-volume.ts'), block(/ts \S*hello-volume\S*/));
      const disk = gunzipSync(readFileSync(file('apps/dxelab/demo/disk.img.gz')));
      writeFileSync(join(folder, 'disk.img'), disk);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [file('apps/dxelab/bin/dxelab.js'), 'boot', 'scenario.yaml'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(stderr).toBe('');
      expect(stdout).toMatch(/Hello, DXELAB: \d+ bytes free/);
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
