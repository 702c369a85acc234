import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findQemu } from '@dxelab/node-host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const DEMO = fileURLToPath(new URL('../demo/', import.meta.url));
const SPLIT = `${DEMO}split-ring.yaml`;
const PACKED = `${DEMO}packed-ring.yaml`;

/** A command takes a second on a busy machine; a hang is what these tests are there to catch. */
const PATIENCE = 60_000;

/** Why there is no QEMU; it stands in the title of what is skipped. CI must have one. */
const skip = process.env['DXELAB_REQUIRE_TOOLS'] === '1' ? undefined : whyNoQemu();

function whyNoQemu(): string | undefined {
  try {
    findQemu();
    return undefined;
  } catch (caught) {
    if (!(caught instanceof Error)) throw caught;
    return `[skipped: ${caught.message}]`;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-ring-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user would, in a pipe. */
function ring(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'ring', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ...environment },
    timeout: PATIENCE,
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

describe('dxelab ring', { timeout: PATIENCE }, () => {
  test('without anything draws the first request of the demonstration, in flight', () => {
    const { status, stdout, stderr } = ring([]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).toMatch(
      /^virtio-blk 02\.0, queue 0 {2}split ring of 256 · request 1 · step 6 of 7/,
    );
    expect(stdout).toMatch(/● in flight request 1 {2}16 B to read, 512 B to write, 1 B to write/);
    expect(stdout).toMatch(/Steps \(--step, --all\)\n {2}1 {2}The driver writes descriptor 0/);
  });

  test('--step draws another step, --all each of them', () => {
    expect(ring([SPLIT, '--step', '7']).stdout).toMatch(/✓ used .* 513 B were written/);
    expect(ring([SPLIT, '--all']).stdout.match(/step \d of 7/gu)).toHaveLength(7);
  });

  test('a packed ring has its wrap counters, also round the end', () => {
    const { stdout } = ring([PACKED, '--request', '3']);
    expect(stdout).toMatch(/packed ring of 8 · request 3/);
    expect(stdout).toMatch(/ 1 .* ◂ driver, wrap 0/);
    expect(stdout).toMatch(/ 6 .* r3 {2}◂ device, wrap 1/);
  });

  test('--list says which queues there are, of every device', () => {
    const { stdout } = ring([`${DEMO}scsi-disk.yaml`, '--list']);
    expect(stdout).toMatch(/^virtio-scsi 02\.0 {2}queue 0 {2}0 requests$/m);
    expect(stdout).toMatch(/^virtio-scsi 02\.0 {2}queue 2 {2}\d{2,} requests$/m);
  });

  test('a queue is found by a part of its name; the first that was used is meant', () => {
    const { status, stdout } = ring([
      `${DEMO}scsi-disk.yaml`,
      '--device',
      'scsi',
      '--request',
      'last',
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^virtio-scsi 02\.0, queue 2 /);
  });

  test('a boot that fails has pictures, too', () => {
    const path = join(folder, 'fails.yaml');
    const device = `{ virtio-blk: { image: ${JSON.stringify(`${DEMO}disk.img.gz`)} } }`;
    const machine = `machine: { memory: 64 MiB, devices: [${device}] }`;
    writeFileSync(path, `${machine}\nexpect: [{ outcome: stopped }]\n`);
    expect(ring([path]).status).toBe(0);
  });

  test('on a terminal that wants them there are colours', () => {
    expect(ring([SPLIT], { FORCE_COLOR: '1' }).stdout).toContain('\u001B[33m● in flight');
  });
});

describe('dxelab ring --format', { timeout: PATIENCE }, () => {
  test('svg prints one picture, or writes several into a folder', () => {
    expect(ring([SPLIT, '--format', 'svg']).stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    const pictures = join(folder, 'new', 'pictures');
    const { stdout } = ring([SPLIT, '--format', 'svg', '--all', '--output', pictures]);
    const names = readdirSync(pictures);
    expect(names).toHaveLength(7);
    expect(stdout).toBe(`${names.map((name) => join(pictures, name)).join('\n')}\n`);
    expect(readFileSync(join(pictures, names[0] ?? ''), 'utf8')).toMatch(
      /^<svg .*step-1|step 1 of 7/s,
    );
  });

  test('svg of several pictures wants a folder', () => {
    const { status, stdout, stderr } = ring([SPLIT, '--format', 'svg', '--all']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/--output names a folder/);
  });

  test('json prints all of it, addresses of 64 bits as text', () => {
    const { stdout } = ring([PACKED, '--format', 'json', '--all']);
    const story: unknown = JSON.parse(stdout);
    expect(story).toMatchObject({
      queues: [{ device: 'virtio-blk 02.0', queue: 0 }],
      device: 'virtio-blk 02.0',
      request: 1,
      steps: [{ number: 1 }, {}, {}, {}, {}, { number: 6 }],
    });
    expect(story).toHaveProperty('pictures.4.snapshot.nextAvailable', { offset: 3, wrap: 1 });
    expect(story).toHaveProperty('pictures.4.snapshot.inFlight.0.segments.0', {
      address: expect.stringMatching(/^0x[0-9a-f]+$/),
      length: 16,
      writable: false,
    });
  });
});

describe('dxelab ring refuses', { timeout: PATIENCE }, () => {
  test.each([
    [['--device', 'net'], /no device 'net' .*; there is virtio-blk 02\.0 queue 0 \(\d+ requests\)/],
    [
      ['--request', '9999'],
      /there is no request 9999: virtio-blk 02\.0 has \d+ requests on queue 0/,
    ],
    [['--request', '0'], /expected a number from 1/],
    [['--step', '1', '--all'], /cannot be used with/],
    [['--format', 'png'], /png.*text, svg, json/],
    [['--output', BIN], /--output: .*dxelab\.js/],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = ring([SPLIT, ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('a scenario that is not there; as JSON, too', () => {
    expect(ring(['missing.yaml']).stderr).toMatch(/missing\.yaml: there is no such file/);
    const { status, stdout } = ring([SPLIT, '--queue', '1', '--format', 'json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: expect.stringContaining('no queue 1') });
  });
});

describe.skipIf(skip !== undefined)(
  `dxelab ring on QEMU ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    test.each([
      ['split', SPLIT],
      ['packed', PACKED],
    ])('a %s ring goes the same way as on the emulated machine', (_, scenario) => {
      const steps = (machine: string): unknown => {
        const args = [
          scenario,
          '--machine',
          machine,
          '--request',
          '3',
          '--format',
          'json',
          '--all',
        ];
        const { stdout } = ring(args);
        const story: { steps: { caption: string }[] } = JSON.parse(stdout);
        // When QEMU changes its mind about notifications, and whether anybody looks then, is its own affair.
        return story.steps
          .map(({ caption }) => caption)
          .filter((caption) => !caption.startsWith('The device says which notifications'));
      };
      expect(steps('qemu')).toEqual(steps('emulated'));
    });
  },
);
