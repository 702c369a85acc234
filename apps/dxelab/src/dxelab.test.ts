import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/dxelab.js', import.meta.url));
const DEMO = fileURLToPath(new URL('../demo/', import.meta.url));
const GUID = '6f1d4d57-3a3e-4f53-9d0b-7a1c5a0e0b1d';

/** A command takes a second on a busy machine; a hang is what these tests are there to catch. */
const PATIENCE = 60_000;

let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  writeFileSync(path('disk.img'), gunzipSync(readFileSync(`${DEMO}disk.img.gz`)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user would, in a pipe. */
function dxelab(...args: readonly string[]) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
    timeout: PATIENCE,
  });
  return { status, stdout, stderr };
}

/** A driver whose entry point does this. */
function driver(name: string, body: string): string {
  const text = `export const module = {
    name: 'Bad', fileGuid: '${GUID}', moduleType: 'DXE_DRIVER', depex: { op: 'TRUE' },
    entryPoint(imageHandle: unknown, systemTable: any, libraries: any): void { ${body} },
  };`;
  writeFileSync(path(`${name}.ts`), text);
  return scenario(name, `firmware: { drivers: [ovmf, ./${name}.ts] }`);
}

function scenario(name: string, text: string): string {
  writeFileSync(path(`${name}.yaml`), `${text}\n`);
  return path(`${name}.yaml`);
}

describe('dxelab boot', { timeout: PATIENCE }, () => {
  test('without anything boots the demonstration, and says what happened in plain text', () => {
    const { status, stdout, stderr } = dxelab('boot');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).toMatch(/Outcome boot-services-exited/);
    expect(stdout).toMatch(/└─Pci\(0x2,0x0\).*VirtioDevice VirtioQueueAccess BlockIo DiskIo/);
    expect(stdout).toMatch(/Virtio10Dxe, VirtioBlkDxe, DiskIoDxe, PartitionDxe/);
    expect(stdout).toContain('This is where an operating system would begin.');
  });

  test('a machine without PCI and with an empty drive shows no trouble that there is not', () => {
    const devices = `[{ virtio-blk: { transport: mmio, image: ${path('disk.img')} } }, { virtio-scsi: { transport: mmio, units: [{ cdrom: { target: 0 } }] } }]`;
    const boot = (file: string, image: string): string => {
      writeFileSync(path(file), `machine: { memory: 64 MiB, devices: ${image} }`);
      return dxelab('boot', file).stdout;
    };
    const booted = boot('mmio.yaml', devices);
    expect(booted).toMatch(/Outcome handed-over/);
    expect(booted).not.toMatch(/EFI_UNSUPPORTED|EFI_NO_MEDIA|Drivers that did not start|Errors/);
    // Where nothing boots, all of it may be why.
    const stopped = boot('empty.yaml', devices.replace(path('disk.img'), '{ zeros: 1 MiB }'));
    expect(stopped).toMatch(/PciHostBridgeDxe: not needed: .* no PCI root bridge/);
    expect(stopped).toMatch(/FatDxe on .*Scsi\(0x0,0x0\): EFI_NO_MEDIA: there is no medium\n/);
    expect(stopped).not.toContain('Errors');
  });

  test('a scenario draws entropy: its seed says which', () => {
    const { status, stdout, stderr } = dxelab('boot', `${DEMO}entropy.yaml`, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const key = { module: 'DrawKey', message: '093dc9e465deea62c52f47df201f6061' };
    expect(JSON.parse(stdout)).toHaveProperty(
      'debug',
      expect.arrayContaining([expect.objectContaining(key)]),
    );
  });

  test('a scenario boots one of ten logical units behind a SCSI host', () => {
    const { status, stdout, stderr } = dxelab('boot', `${DEMO}scsi-disk.yaml`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.match(/─Scsi\(0x0,.*ScsiIo BlockIo/g)).toHaveLength(9);
  });

  test('a scenario boots a disc behind a SCSI host, through El Torito', () => {
    const { status, stdout, stderr } = dxelab('boot', `${DEMO}scsi-cd.yaml`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/└─CDROM\(0x0,.*BlockIo PartitionInfo DiskIo SimpleFileSystem/);
    expect(stdout).toContain('This is where an operating system would begin.');
  });

  test('a scenario chooses in the boot menu', () => {
    const { status, stdout, stderr } = dxelab('boot', `${DEMO}boot-menu.yaml`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('> The second disk');
  });

  test('--disk boots a disk without changing it; its loader is machine code: handed-over', () => {
    const before = readFileSync(path('disk.img'));
    const { status, stdout } = dxelab('boot', '--disk', 'disk.img', '--profile', 'edk2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Outcome handed-over: .*\\EFI\\BOOT\\BOOTX64\.EFI/);
    expect(readFileSync(path('disk.img')).equals(before)).toBe(true);
  });

  test('--json prints the whole report, and nothing else', () => {
    const { status, stdout } = dxelab('boot', '--disk', 'disk.img', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      succeeded: true,
      outcome: { kind: 'handed-over', details: { image: '\\EFI\\BOOT\\BOOTX64.EFI' } },
    });
  });

  test('--json says as JSON what is wrong, too', () => {
    const wrong = [
      ['--disk', 'missing.img'],
      ['--trace', 'boot.xyz'],
      ['--no-such-option'],
      ['one.yaml', 'two.yaml'],
      ['--timeout', 'never'],
    ];
    for (const args of wrong) {
      const { status, stdout, stderr } = dxelab('boot', '--json', ...args);
      expect([status, stderr]).toEqual([2, '']);
      expect(JSON.parse(stdout)).toMatchObject({ succeeded: false, error: expect.any(String) });
    }
  });

  test('so do other commands, and a command that there is not', () => {
    for (const args of [['vars'], ['bot'], ['ring', '--format', 'json', '--step', '0']]) {
      const { status, stdout, stderr } = dxelab(...args, '--json');
      expect([status, stderr]).toEqual([2, '']);
      expect(JSON.parse(stdout).error).toMatch(/^(missing|unknown|option)/);
    }
  });

  test('what a driver logs stands beside the account, not in it', () => {
    const { stdout, stderr } = dxelab('boot', driver('talk', "console.log('hello');"), '--json');
    expect(stderr).toBe('hello\n');
    expect(JSON.parse(stdout)).toMatchObject({ succeeded: false, outcome: { kind: 'stopped' } });
  });

  test('in a pipe there are no colours, not even where CI would show them', () => {
    const env = { ...process.env, CI: 'true', NO_COLOR: undefined, FORCE_COLOR: undefined };
    const { stdout } = spawnSync(process.execPath, [BIN, 'boot'], { encoding: 'utf8', env });
    expect(stdout).not.toContain('\u001B');
  });

  test('with FORCE_COLOR there are colours, whatever NO_COLOR says; with 0 there are none', () => {
    const shown = (FORCE_COLOR: string) =>
      spawnSync(process.execPath, [BIN, 'boot'], {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR },
      }).stdout;
    expect(shown('1')).toContain('\u001B[32m');
    expect(shown('0')).not.toContain('\u001B');
  });

  test('a truncated disk stops, and the account says what is missing', () => {
    const disk = readFileSync(path('disk.img'));
    writeFileSync(path('half.img'), disk.subarray(0, disk.length >> 1));
    const { status, stdout } = dxelab('boot', '--disk', 'half.img');
    expect(status).toBe(1);
    expect(stdout).toMatch(/PartitionDxe GPT: partition 1 is left out: it ends with block \d+/);
    expect(stdout).toMatch(/Outcome stopped/);
  });

  test('the exit status is 1 if an expectation does not hold, and the account says what came', () => {
    const file = scenario(
      'wrong',
      `machine: { devices: [ virtio-blk: { image: disk.img } ] }
expect:
  - outcome: boot-services-exited`,
    );
    const { status, stdout } = dxelab('boot', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/failed the outcome is boot-services-exited\n.*handed-over/);
  });

  test('a scenario that boots nothing is a success when its steps are done, without expectations', () => {
    const file = scenario('steps', 'steps: [ connect: all, disconnect: all ]');
    const { status, stdout } = dxelab('boot', file);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/Outcome completed: all steps/)]);
  });

  test('--profile is in place of what a scenario says', () => {
    const file = scenario(
      'profile',
      'firmware: { profile: specification }\nsteps: [ connect: all ]',
    );
    expect(dxelab('boot', file, '--profile', 'edk2').stdout).toContain('profile edk2');
    expect(dxelab('boot', file).stdout).toContain('profile specification');
  });

  test('a machine without a disk stops, and that is no success', () => {
    const { status, stdout } = dxelab('boot', scenario('empty', 'name: nothing'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/Outcome stopped/);
  });
});

describe(
  'what is wrong is said with its place, and the exit status is 2',
  { timeout: PATIENCE },
  () => {
    test.each<[string, () => readonly string[], RegExp]>([
      ['no such scenario', () => ['missing.yaml'], /missing\.yaml: there is no such file/],
      [
        'no such disk',
        () => ['--disk', 'missing.img'],
        /^error: --disk: .*missing\.img: there is no such file\n$/,
      ],
      [
        'no size of a memory',
        () => ['--disk', 'disk.img', '--memory', 'lots'],
        /--memory: expected a size such as '256 MiB'.* "lots"\n$/,
      ],
      [
        'an unknown key',
        () => [scenario('typo', 'machine:\n  memroy: 64 MiB')],
        /typo\.yaml:2:3: .*memroy[\s\S]*\^/,
      ],
      [
        'a driver that is none',
        () => {
          writeFileSync(path('none.ts'), 'export const answer = 42;');
          return [scenario('none', 'firmware: { drivers: [./none.ts] }')];
        },
        /none\.yaml:1:23: .*answer/,
      ],
      ['both a scenario and a disk', () => ['a.yaml', '--disk', 'b.img'], /not both/],
      ['a disk to write, and no disk', () => ['--writable'], /--writable is for --disk/],
      ['a trace without a format', () => ['--trace', 'boot.xyz'], /boot\.xyz.*\.json/],
      [
        'a trace where nothing can be',
        () => ['--trace', 'nowhere/boot.json'],
        /^error: --trace nowhere\/boot\.json: there is no such directory\n$/,
      ],
      ['events of no trace', () => ['--events', 'virtio_*'], /--events .*--trace/],
      ['an unknown option', () => ['--tarce', 'boot.json'], /'--tarce'[\s\S]*--help/],
      ['an unknown profile', () => ['--profile', 'edk3'], /edk3.*specification, edk2/],
    ])('%s', (_what, args, message) => {
      const { status, stdout, stderr } = dxelab('boot', ...args());
      expect(stderr).toMatch(message);
      expect([status, stdout]).toEqual([2, '']);
    });
  },
);

describe('nothing hangs', { timeout: PATIENCE }, () => {
  test('a driver that loops without touching the machine is ended by the clock', () => {
    const { status, stderr } = dxelab('boot', driver('loop', 'for (;;);'), '--timeout', '2');
    const message =
      'no end after 2 s of real time, while dispatching modules, in the entry point of Bad: a loop that never touches the machine?';
    expect([status, stderr]).toEqual([1, `error: ${message}\n`]);
  });

  test('one that loops in Supported() or Start() is named with its controller', () => {
    for (const loops of ['supported', 'start']) {
      const binding = `{ supported: () => 'EFI_SUCCESS', start() {}, stop() {}, version: 0xffffffff,
        imageHandle, driverBindingHandle: imageHandle, ${loops}() { for (;;); } }`;
      const guid = '18a031ab-b443-4d1a-a5c0-0c09261e9f71';
      const body = `systemTable.bootServices.installProtocolInterface(imageHandle, { guid: '${guid}', name: 'DriverBinding' }, ${binding});`;
      const { stderr } = dxelab('boot', driver(loops, body), '--timeout', '2');
      const method = { supported: 'Supported', start: 'Start' }[loops];
      expect(stderr).toMatch(
        new RegExp(`while [a-z ]+, in ${method}\\(\\) of Bad on handle \\d+: a loop`),
      );
    }
  });

  test('the trace of a boot that was ended is whole, up to the loop', () => {
    dxelab('boot', driver('mute', 'for (;;);'), '--timeout', '2', '--trace', 'mute.json');
    const trace: unknown = JSON.parse(readFileSync(path('mute.json'), 'utf8'));
    expect(trace).toEqual(expect.arrayContaining([expect.objectContaining({ ph: 'B' })]));
    expect(Array.isArray(trace) && trace.at(-1)).toMatchObject({ name: 'start_image Bad' });
  });

  test('a driver that loops on the machine runs into the budget', () => {
    driver('poll', 'for (;;) libraries.ram.readUint8(4096);');
    const file = scenario(
      'poll',
      `machine: { budget: { accesses: 100000 } }
firmware: { drivers: [ovmf, ./poll.ts] }`,
    );
    const { status, stdout } = dxelab('boot', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/Outcome budget-spent/);
  });

  test("a driver's bug ends the boot with its stack", () => {
    const { status, stdout } = dxelab('boot', driver('bug', 'libraries.missing.member();'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/Outcome crashed: TypeError[\s\S]*bug\.ts/);
  });

  test('Ctrl-C ends a boot at once, with the status that shells know', async () => {
    const child = spawn(process.execPath, [BIN, 'boot', driver('endless', 'for (;;);')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const status = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    child.kill('SIGINT');
    expect(await status).toBe(130);
    expect(stderr).toBe(
      'error: interrupted while dispatching modules, in the entry point of Bad\n',
    );
  });
});

describe('--trace', { timeout: PATIENCE }, () => {
  test('.json is for Perfetto and Chrome', () => {
    expect(dxelab('boot', '--trace', 'boot.json').status).toBe(0);
    const trace: unknown = JSON.parse(readFileSync(path('boot.json'), 'utf8'));
    expect(JSON.stringify(trace)).toContain('VirtioBlkDxe');
  });

  test(".txt has names like QEMU's, and --events chooses among them", () => {
    dxelab('boot', '--trace', 'boot.txt', '--events', 'virtio_*,-virtio_blk_*');
    const lines = readFileSync(path('boot.txt'), 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.every((line) => /\bvirtio_(?!blk)/.test(line))).toBe(true);
  });

  test('has every access to the machine if it is asked for', () => {
    dxelab('boot', '--trace', 'waist.txt', '--events', 'waist_port_*');
    const lines = readFileSync(path('waist.txt'), 'utf8').trim().split('\n');
    expect(lines[0]).toMatch(/waist_port_write address 0x3fb/);
  });

  test('.jsonl is one object a line', () => {
    dxelab('boot', '--trace', 'boot.jsonl', '--events', 'virtio_queue_notify');
    const [first] = readFileSync(path('boot.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ name: 'virtio_queue_notify' });
  });
});

test('help has examples, and dxelab schema is a JSON Schema', { timeout: PATIENCE }, () => {
  expect(dxelab('boot', '--help').stdout).toMatch(/Examples:[\s\S]*dxelab boot --disk/);
  expect(JSON.parse(dxelab('schema').stdout)).toMatchObject({ type: 'object' });
  expect(dxelab('--help').stdout).toMatch(/Exit status: 0/);
  expect(dxelab('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('what is misspelt is told with what may be meant', { timeout: PATIENCE }, () => {
  const said = (...args: readonly string[]) => dxelab(...args).stderr;
  expect(said('bot')).toMatch(/unknown command 'bot'\n\(Did you mean boot\?\)/);
  expect(said('boot', '--prfile', 'edk2')).toMatch(/'--prfile'\n\(Did you mean --profile\?\)/);
});
