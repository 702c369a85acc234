import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isDxeModule } from '@dxelab/uefi-lib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { helloVolumeDxe } from './hello-volume.fixture.ts';

const ROOT = new URL('../../../../../', import.meta.url);
const file = (path: string): string => fileURLToPath(new URL(path, ROOT));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A code block of a document, by what its first line says. */
function block(document: string, language: RegExp): string {
  const fence = new RegExp(`^\`\`\`${language.source}\\n(.*?)^\`\`\`$`, 'ms');
  return fence.exec(readFileSync(file(document), 'utf8'))?.[1] ?? '';
}

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder, name), content);
}

/** Boots a scenario from the command line: the one that was written, unless another is named. */
function boot(scenario = 'scenario.yaml') {
  const command = [file('apps/dxelab/bin/dxelab.js'), 'boot', scenario];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test("the README's driver is a module", () => {
  expect(isDxeModule(helloVolumeDxe)).toBe(true);
});

describe('scenarios in documents run as a user would run them', { timeout: 60_000 }, () => {
  test('README: npm start ends as it says', () => {
    // a handle's number changes with every module that OVMF gets
    const linesOf = (text: string): string[] => text.replaceAll(/\[\d+\]/g, '[]').split('\n');
    const told = linesOf(boot(file('apps/dxelab/demo/scenario.yaml')).stdout);
    const shown = linesOf(block('README.md', /(?=\nDevices\n)/)).filter((line) => line !== '…');
    expect(shown.length).toBeGreaterThan(8);
    for (const [start = '', end = ''] of shown.map((line) => line.split('…'))) {
      const same = (line: string): boolean => line.startsWith(start) && line.endsWith(end);
      expect(told.filter(same), start).not.toEqual([]);
    }
  });

  test("README: with the README's driver and a disk", () => {
    write('scenario.yaml', block('README.md', /yaml/));
    write('hello-volume.ts', block('README.md', /ts \S*hello-volume\S*/));
    write('disk.img', gunzipSync(readFileSync(file('apps/dxelab/demo/disk.img.gz'))));
    expect(boot()).toEqual({
      status: 0,
      stdout: expect.stringMatching(/Hello, DXELAB: \d+ bytes free/),
      stderr: '',
    });
  });

  test('write your first driver: with its driver and its device', () => {
    const create = 'export const createDevice = () => new Thermometer(21.5);';
    write('scenario.yaml', block('docs/write-your-first-driver.md', /yaml/));
    write(
      'thermometer-dxe.ts',
      block('docs/write-your-first-driver.md', /ts \S*thermometer-dxe\.\S*/),
    );
    write('thermometer.ts', block('docs/add-a-device.md', /ts \S*thermometer\.\S*/) + create);
    expect(boot()).toEqual({
      status: 0,
      stdout: expect.stringContaining('Outcome completed'),
      stderr: '',
    });
  });
});
