import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findQemu } from '@dxelab/node-host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const DEMO = fileURLToPath(new URL('../demo/', import.meta.url));
const LOADER = join(DEMO, 'loader.ts');
const DISK = join(DEMO, 'disk.img.gz');

/** Two boots, one of them of a real QEMU, on a busy machine. */
const PATIENCE = 120_000;

/** Why there is no QEMU; it stands in the title of what is skipped. CI must have one. */
const skip = process.env['DXELAB_REQUIRE_TOOLS'] === '1' ? undefined : whyNoQemu();

function whyNoQemu(): string | undefined {
  try {
    findQemu();
    return undefined;
  } catch (caught) {
    if (!(caught instanceof Error)) throw caught;
    return caught.message;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user would, in a pipe. */
function dxelab(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ...environment },
    timeout: PATIENCE,
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

/** The demonstration in a scenario with these differences. */
function scenario(name: string, differences: string, device = ''): string {
  const path = join(folder, `${name}.yaml`);
  const image = JSON.stringify(DISK);
  const text = `
machine: { memory: 64 MiB, devices: [{ virtio-blk: { image: ${image} ${device} } }] }
firmware: { standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': ${JSON.stringify(LOADER)} } }
differences: ${differences}
`;
  writeFileSync(path, text);
  return path;
}

const CHIPSET = '{ chipset: any, reason: another chipset }';
const GEOMETRY = '{ features: [4], reason: an invented geometry }';

describe.skipIf(skip !== undefined)(`dxelab compare ${skip ?? ''}`, { timeout: PATIENCE }, () => {
  test('without anything compares the demonstration on both machines: they agree', () => {
    const { status, stdout, stderr } = dxelab(['compare']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).toMatch(/^ {4}emulated +│ qemu$/m);
    expect(stdout).toMatch(/declared +virtio-blk 02\.0 features .*qemu bits 4\n +because QEMU/);
    expect(stdout).toMatch(/Outcome agreed/);
  });

  // where the host stops for longer than QEMU's quota lasts, an answer can be longer than it
  test(
    'the demonstration of entropy: both machines answer short, each with other bytes',
    { retry: 5 },
    () => {
      const { status, stdout } = dxelab(['compare', `${DEMO}entropy.yaml`]);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/Outcome agreed/)]);
      expect(stdout.match(/^ {2}~ answer on queue 0: 6 written.* │ .* 6 written/gm)).toHaveLength(
        2,
      );
    },
  );

  test('the demonstration of a packed ring: its requests and answers are the same', () => {
    const { status, stdout } = dxelab(['compare', `${DEMO}packed-ring.yaml`]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/Outcome agreed/)]);
  });

  test('what is not declared is shown side by side, and the exit status is 1', () => {
    const { status, stdout } = dxelab(['compare', scenario('geometry', `[${CHIPSET}]`)]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}! read +common\.deviceFeature .* │ /m);
    expect(stdout).toMatch(/undeclared virtio-blk 02\.0 features/);
    expect(stdout).toMatch(/Outcome differ: 1 difference is not declared/);
  });

  test('what is declared and not there is named with its place, and is no failure', () => {
    const differences = `[${CHIPSET}, ${GEOMETRY}, { boot: console, reason: nobody knows }]`;
    const path = scenario('unused', differences);
    const { status, stdout } = dxelab(['compare', path]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/unused\.yaml:4:\d+: differences\[2\]: .*nobody knows/);
  });

  test('--json prints the whole comparison, and nothing else', () => {
    const path = scenario('json', `[${CHIPSET}, ${GEOMETRY}]`);
    const { status, stdout } = dxelab(['compare', path, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      succeeded: true,
      machines: ['emulated', 'qemu'],
      boots: [{ clock: 'virtual' }, { clock: 'real' }],
      devices: [{ name: 'virtio-blk 02.0' }],
      unused: [],
    });
  });

  test('on a terminal that wants them there are colours', () => {
    expect(dxelab(['compare'], { FORCE_COLOR: '1' }).stdout).toContain('\u001B[33m');
  });

  test('what QEMU does not have is said where it stands, and the exit status is 2', () => {
    const path = scenario('latency', '[]', ', latency: 1 ms');
    const { status, stdout, stderr } = dxelab(['compare', path]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/latency\.yaml:2:\d+: .*QEMU's disk has no latency/);
  });

  test('dxelab boot --machine qemu boots on QEMU, and calls its time real', () => {
    const path = scenario('boot', '[]');
    const { status, stdout } = dxelab(['boot', path, '--machine', 'qemu']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/qemu q35, 64 MiB; .* of real time/);
    expect(stdout).not.toContain('virtual');
  });
});

describe('where there is no QEMU', { timeout: PATIENCE }, () => {
  test('compare and boot --machine qemu name the package to install', () => {
    const path = scenario('none', '[]');
    for (const args of [
      ['compare', path],
      ['boot', path, '--machine', 'qemu'],
    ]) {
      const { status, stdout, stderr } = dxelab(args, { PATH: folder });
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain('qemu-system-x86');
    }
  });

  test('a scenario that is missing is said first', () => {
    const { status, stderr } = dxelab(['compare', 'missing.yaml']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/missing\.yaml: there is no such file/);
  });

  test('an unknown machine is refused, and help has examples', () => {
    expect(dxelab(['boot', '--machine', 'pdp11']).stderr).toMatch(/pdp11.*emulated, qemu/);
    expect(dxelab(['compare', '--help']).stdout).toMatch(/Examples:[\s\S]*dxelab compare --json/);
  });
});
