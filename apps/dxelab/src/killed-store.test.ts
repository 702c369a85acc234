import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guid } from '@dxelab/uefi';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const MINE = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const PATIENCE = 120_000;
/** How long after the first write each boot is killed, in milliseconds. */
const MOMENTS = Array.from({ length: 24 }, (_, moment) => moment);

/** Writes one variable for ever: so many bytes that count up, from another one each time. */
const WRITER = `export const module = {
  name: 'WriterDxe',
  fileGuid: 'b9a9c9d9-0000-4000-8000-000000000001',
  moduleType: 'DXE_DRIVER',
  entryPoint(_image, { runtimeServices }) {
    for (let turn = 1; ; turn++) {
      const data = Uint8Array.from({ length: 1000 }, (_, index) => turn + index);
      runtimeServices.setVariable('Mine', '${MINE}', 3, data);
    }
  },
};
`;
const SCENARIO = `firmware:
  drivers: [ovmf, ./writer.ts]
  variables: { file: ./vars.fd, writable: true }
`;

let folder = '';
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  writeFileSync(path('writer.ts'), WRITER);
  writeFileSync(path('writer.yaml'), SCENARIO);
  spawnSync(process.execPath, [BIN, 'vars', path('vars.fd'), 'create']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a firmware finds that opens the file as it is. */
function stored(): Uint8Array | undefined {
  const { variables } = new VariableStore(new MemoryStorage(readFileSync(path('vars.fd'))));
  return variables.get('Mine', MINE)?.data;
}

test(
  'UEFI §8.2: a store in a file has the old data or the new, whenever the process is killed',
  { timeout: PATIENCE },
  async () => {
    for (const moment of MOMENTS) {
      const before = readFileSync(path('vars.fd'));
      const had = stored();
      const child = spawn(process.execPath, [BIN, 'boot', path('writer.yaml')], {
        stdio: 'ignore',
      });
      const end = new Promise((resolve) =>
        child.once('exit', (_status, signal) => resolve(signal)),
      );
      await vi.waitUntil(() => !readFileSync(path('vars.fd')).equals(before), PATIENCE);
      await passed(moment);
      child.kill('SIGKILL');
      expect(await end).toBe('SIGKILL');
      const data = stored();
      // other variables are written before ours, in the first boot
      expect([had?.length, 1000]).toContain(data?.length);
      const first = data?.at(0) ?? 0;
      expect(data?.findIndex((byte, index) => byte !== ((first + index) & 0xff)) ?? -1).toBe(-1);
    }
    expect(stored()).toHaveLength(1000);
  },
);
