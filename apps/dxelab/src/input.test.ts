import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const PATIENCE = 60_000;

/** Says what it reads, up to Enter. */
const ECHO = `export const module = {
  name: 'Echo', fileGuid: '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b2d', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
  entryPoint(imageHandle: unknown, { bootServices, conIn, conOut }: any): void {
    for (let line = ''; ; ) {
      bootServices.waitForEvent([conIn.waitForKey]);
      const key = String.fromCharCode(conIn.readKeyStroke().unicodeChar);
      if (key === '\\r') return void conOut.outputString('It read ' + line + '.');
      line += key;
    }
  },
};`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-input-'));
  writeFileSync(join(folder, 'echo.ts'), ECHO);
  writeFileSync(
    join(folder, 'echo.yaml'),
    'machine: { input: "the scenario\\r" }\nfirmware: { drivers: [ovmf, ./echo.ts] }\n',
  );
  writeFileSync(join(folder, 'typed.txt'), 'a file\r');
});
afterAll(() => rmSync(folder, { recursive: true }));

function console(args: readonly string[], input = ''): string {
  const options = { cwd: folder, encoding: 'utf8', timeout: PATIENCE, input } as const;
  const { stdout } = spawnSync(process.execPath, [BIN, 'boot', ...args, '--json'], options);
  const report: { console?: string; message?: string } = JSON.parse(stdout);
  return report.console ?? report.message ?? stdout;
}

describe('dxelab boot --input', { timeout: PATIENCE }, () => {
  test('types what a scenario says, without it', () => {
    expect(console(['echo.yaml'])).toContain('It read the scenario.');
  });

  test('types a file', () => {
    expect(console(['echo.yaml', '--input', 'typed.txt'])).toContain('It read a file.');
  });

  test('types standard input', () => {
    expect(console(['echo.yaml', '--input', '-'], 'a pipe\r')).toContain('It read a pipe.');
  });

  test('says what is wrong with a file that is not there', () => {
    expect(console(['echo.yaml', '--input', 'gone.txt'])).toContain('--input gone.txt: ENOENT');
  });
});
