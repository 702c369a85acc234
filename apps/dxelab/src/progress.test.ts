import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PseudoTerminal } from './pseudo-terminal.fixture.ts';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const PATIENCE = 60_000;
const LOOP = `export const module = {
  name: 'Loop', fileGuid: '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b4e', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
  entryPoint(): void { for (;;); },
};`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-progress-'));
  writeFileSync(join(folder, 'loop.ts'), LOOP);
  writeFileSync(join(folder, 'loop.yaml'), 'firmware: { drivers: [ovmf, ./loop.ts] }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['boot', 'dispatching modules …'],
  ['ring', 'dispatching modules …'],
  ['compare', 'dispatching modules on emulated …'],
])(
  '%s says on a terminal where it is and, when it is long, for how long',
  { timeout: PATIENCE },
  async (command, phase) => {
    const terminal = new PseudoTerminal(folder, [
      process.execPath,
      BIN,
      command,
      'loop.yaml',
      '--timeout',
      '6',
    ]);
    await terminal.shows(Buffer.from(phase).toString('latin1'));
    // the seconds stand behind a space
    await terminal.shows(Buffer.from(`${phase} `).toString('latin1'));
    // the line is erased before the message stands there
    await terminal.shows('\r\u001B[Kerror: no end after 6 s');
    expect((await terminal.end()).status).toBe(1);
  },
);
