import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const APP = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PATIENCE = 60_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-bundle-'));
  // as `npm run build` does; what is up to date is left alone
  run(join(ROOT, 'tooling/bundle/bundle.mjs'));
}, PATIENCE);
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, ...args: readonly string[]): string {
  const options = { cwd: folder, encoding: 'utf8', timeout: PATIENCE } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  expect(stderr).toBe('');
  return stdout;
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The report of a boot by the bundle, or by the modules that it was made of. */
function boot(form: 'bundle' | 'dist', ...args: readonly string[]) {
  const report: {
    phases: object[];
    handles: readonly { protocols: readonly string[] }[];
    findings: readonly { message: string }[];
    outcome: { kind: string; details: { file?: string; stack?: string } };
  } = JSON.parse(run(join(APP, form, 'main.js'), 'boot', '--json', ...args));
  // real time is never the same
  return { ...report, phases: report.phases.map((phase) => ({ ...phase, wallTime: 0 })) };
}

test('the bundle boots as its modules do', { timeout: PATIENCE }, () => {
  expect(boot('bundle')).toEqual(boot('dist'));
});

describe('what a driver imports is the code that runs it', { timeout: PATIENCE }, () => {
  // a device of another copy of PciFunction would be none: it would be attached to no slot
  const DEVICE = `
    import { PciFunction } from '@dxelab/pci-devices';
    export function createDevice(): PciFunction {
      return new PciFunction({ name: 'mine', vendorId: 0x1234, deviceId: 1, classCode: 0xff0000 });
    }`;
  const SCENARIO = 'machine: { devices: [ custom: { slot: "00:05.0", device: ./device.ts } ] }\n';
  const isThere = (scenario: string): boolean =>
    JSON.stringify(boot('bundle', scenario).handles).includes('Pci(0x5,0x0)');

  test('where no package is installed', () => {
    write('alone/device.ts', DEVICE);
    expect(isThere(write('alone/boot.yaml', SCENARIO))).toBe(true);
  });

  test('where the same package is installed', () => {
    write('project/device.ts', DEVICE);
    mkdirSync(join(folder, 'project/node_modules/@dxelab'), { recursive: true });
    const installed = join(folder, 'project/node_modules/@dxelab/pci-devices');
    symlinkSync(join(ROOT, 'packages/machine/pci-devices'), installed);
    expect(isThere(write('project/boot.yaml', SCENARIO))).toBe(true);
  });
});

test(
  'stacks show the lines of TypeScript, of a driver and of the lab',
  { timeout: PATIENCE },
  () => {
    write(
      'bug.ts',
      `interface Stripped { readonly too: string }
export const module = {
  name: 'Bug', fileGuid: '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b3d', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
  entryPoint(): void {
    throw new TypeError('line 5');
  },
};`,
    );
    const scenario = write('bug.yaml', 'firmware: { drivers: [ovmf, ./bug.ts] }\n');
    const { stack = '' } = boot('bundle', scenario).outcome.details;
    expect(stack).toMatch(/bug\.ts:5:11\)\n/);
    const [, file = '', line = 0] = /\(([^()]+run-image\.ts):(\d+):\d+\)/.exec(stack) ?? [];
    expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('code()');
  },
);

test(
  'memory that is used after it was freed is told with the lines of the driver',
  { timeout: PATIENCE },
  () => {
    write(
      'freed.ts',
      `export const module = {
  name: 'Freed', fileGuid: '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b5d', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
  entryPoint(imageHandle: unknown, { bootServices }: any, { ram }: any): void {
    const pool = bootServices.allocatePool('EfiBootServicesData', 64);
    bootServices.freePool(pool);
    ram.writeUint8(pool.address, 1);
  },
};`,
    );
    const scenario = write(
      'freed.yaml',
      'firmware: { memoryGuard: true, drivers: [ovmf, ./freed.ts] }\n',
    );
    expect(boot('bundle', scenario).findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /allocated by Freed at .*freed\.ts:4, freed by Freed at .*freed\.ts:5$/,
      ),
    ]);
  },
);

test('the licences of what is bundled are with it', () => {
  const text = readFileSync(join(APP, 'bundle/LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'picocolors', 'yaml', 'zod', '@noble/hashes']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+`, 'm'));
  }
});

describe('the command runs the bundle', () => {
  /** What runs, for a bundle that was made when something it is made of was this old. */
  function whatRuns(name: string, madeOf: object | undefined): string {
    cpSync(join(APP, 'bin'), join(folder, name, 'bin'), { recursive: true });
    write(`${name}/package.json`, '{ "type": "module" }');
    write(`${name}/dist/main.js`, "console.log('modules');");
    write(`${name}/bundle/main.js`, "console.log('bundle');");
    if (madeOf !== undefined) write(`${name}/bundle/made-of.json`, JSON.stringify(madeOf));
    return run(join(folder, name, 'bin/dxelab.js')).trim();
  }

  test('if nothing that it was made of is newer', () => {
    const source = write('fresh/source', '');
    expect(whatRuns('fresh', { '../source': statSync(source).mtimeMs })).toBe('bundle');
  });

  test('where it was installed from a registry, without what it was made of', () => {
    expect(existsSync(join(folder, 'installed'))).toBe(false);
    expect(whatRuns('installed', undefined)).toBe('bundle');
  });

  test('but not if something was built since', () => {
    const source = write('stale/source', '');
    expect(whatRuns('stale', { '../source': statSync(source).mtimeMs - 1 })).toBe('modules');
    expect(whatRuns('gone', { '../source': 1 })).toBe('modules');
  });
});
