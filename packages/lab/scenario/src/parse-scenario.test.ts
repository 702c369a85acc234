import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseScenario } from './parse-scenario.ts';
import { ScenarioError } from './source/scenario-error.ts';

function problems(text: string): readonly string[] {
  try {
    parseScenario(text, 'boot.yaml');
  } catch (caught) {
    if (!(caught instanceof ScenarioError)) throw caught;
    return caught.problems.map(
      ({ line, column, path, message }) =>
        `${line}:${column} ${path}${path === '' ? '' : ': '}${message}`,
    );
  }
  return [];
}

const device = (text: string): string => `machine:\n  devices:\n    - ${text}\n`;

describe('a scenario in YAML', () => {
  test('has defaults for everything', () => {
    expect(parseScenario('{}', 'boot.yaml')).toMatchObject({
      machine: {
        kind: 'emulated',
        memory: 256 * 2 ** 20,
        seed: 0,
        time: Date.UTC(2026, 0, 1) / 1000,
        budget: { virtualTime: 60e9, accesses: 200_000_000 },
        devices: [],
      },
      firmware: {
        profile: 'specification',
        quirks: {},
        drivers: ['ovmf'],
        rings: {},
        bootOptions: [],
        standIns: {},
      },
      steps: [{ kind: 'boot' }],
      expect: [],
    });
  });

  test('says what a boot is made of', () => {
    const text = String.raw`
# yaml-language-server: $schema=./scenario.schema.json
name: a disk with a loader
machine:
  kind: emulated
  memory: 1.5 GiB
  budget: { virtualTime: 90 s, accesses: 1000 }
  devices:
    - virtio-blk: { transport: pci-modern, slot: '00:02.0', image: disk.img }
    - pci-bridge:
        devices:
          - virtio-blk: { image: { zeros: 64 MiB }, blockSize: 4096, latency: 250 us }
    - virtio-blk: { transport: mmio, version: 1, image: { zeros: 1 MiB } }
    - virtio-scsi:
        requestQueues: 2
        latency: never
        units:
          - disk: { target: 1, lun: 300, image: disk.img, wwn: 5000c500a1b2c3d4, unmap: false }
          - cdrom: {}
          - cdrom: { image: boot.iso, serial: abc }
          - disk: { target: 1, image: { zeros: 1 MiB }, writable: true, blockSize: 4096 }
    - virtio-rng: {}
    - virtio-rng: { slot: '05.0', entropy: host, bytesPerAnswer: 6, queueSize: 4, latency: 1 us }
firmware:
  profile: edk2
  quirks: { VirtioBlkDxe.ResetDoesNothing: false }
  drivers: [ovmf, ./my-driver.ts]
  rings: { VirtioBlkDxe: { packed: true, eventIdx: true, queueSize: 8 }, VirtioRngDxe: all }
  bootOptions:
    - PciRoot(0)/Pci(2,0)
    - { path: \EFI\BOOT\BOOTX64.EFI, description: short }
  standIns: { '\EFI\BOOT\BOOTX64.EFI': ./loader.ts }
steps: [boot, connect: 'PciRoot(0)/Pci(2,0)', disconnect: all]
expect:
  - { outcome: handed-over, image: \EFI\BOOT\BOOTX64.EFI }
  - { handle: 'PciRoot(0x0)/Pci(0x2,0x0)', driver: VirtioBlkDxe, protocols: [BlockIo, DiskIo] }
  - { attempt: short, status: EFI_NOT_FOUND }
  - console: /hello, \w+/i
  - findings: none
`;
    const scenario = parseScenario(text, 'boot.yaml');
    expect(scenario.machine).toMatchObject({
      memory: 1.5 * 2 ** 30,
      budget: { virtualTime: 90e9, accesses: 1000 },
      devices: [
        { kind: 'virtio-blk', slot: '02.0', image: 'disk.img', writable: false },
        {
          kind: 'pci-bridge',
          slot: undefined,
          devices: [
            {
              kind: 'virtio-blk',
              image: { zeros: 64 * 2 ** 20 },
              options: { blockSize: 4096, latency: 250_000 },
            },
          ],
        },
        { kind: 'virtio-blk', transport: 'mmio', version: 1 },
        {
          kind: 'virtio-scsi',
          transport: 'pci-modern',
          options: { requestQueues: 2, latency: Infinity },
          units: [
            {
              type: 'disk',
              target: 1,
              lun: 300,
              image: 'disk.img',
              writable: false,
              options: { readOnly: false, wwn: 0x5000_c500_a1b2_c3d4n, unmap: false },
            },
            { type: 'cdrom', target: 0, lun: 0, image: undefined, options: {} },
            { type: 'cdrom', target: 2, lun: 0, image: 'boot.iso', options: { serial: 'abc' } },
            {
              type: 'disk',
              target: 1,
              lun: 0,
              image: { zeros: 2 ** 20 },
              writable: true,
              options: { readOnly: false, blockSize: 4096 },
            },
          ],
        },
        { kind: 'virtio-rng', transport: 'pci-modern', entropy: 'seeded', options: {} },
        {
          kind: 'virtio-rng',
          slot: '05.0',
          entropy: 'host',
          options: { bytesPerAnswer: 6, queueSize: 4, latency: 1000 },
        },
      ],
    });
    expect(scenario.firmware).toMatchObject({
      profile: 'edk2',
      quirks: { 'VirtioBlkDxe.ResetDoesNothing': false },
      drivers: ['ovmf', './my-driver.ts'],
      bootOptions: [{ description: 'PciRoot(0x0)/Pci(0x2,0x0)' }, { description: 'short' }],
      standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': './loader.ts' },
    });
    expect(scenario.steps).toEqual([
      { kind: 'boot' },
      { kind: 'connect', controller: 'PciRoot(0x0)/Pci(0x2,0x0)' },
      { kind: 'disconnect', controller: undefined },
    ]);
    expect(scenario.expect.map(({ kind }) => kind)).toEqual([
      'outcome',
      'handle',
      'attempt',
      'console',
      'findings',
    ]);
  });

  test('shows a problem at its place, with a caret', () => {
    expect(() => parseScenario('machine:\n  memry: 256 MiB\n', 'boot.yaml')).toThrow(
      `boot.yaml:2:3: machine.memry: unknown key "memry" (did you mean 'memory'?)
    2 |   memry: 256 MiB
      |   ^^^^^`,
    );
  });

  test('shows all problems at once', () => {
    expect(problems('machine: { memory: 3, seed: -1, colour: red }\nexpect: 5\n')).toHaveLength(4);
  });

  test.each([
    ['', '1:1 expected a scenario: { machine, firmware, expect }, and there is nothing'],
    ['- 1', '1:1 expected a scenario: { machine, firmware, expect }, and not a list'],
    [
      'a: [',
      '1:5 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['{ [1]: 2 }', '1:3 a key is a text'],
    ['name: a\nname: b', '2:1 Map keys must be unique'],
    ['name: *lost', '1:7 there is no anchor &lost before this alias'],
    [
      'machine: { memory: 256 MB }',
      `1:20 machine.memory: expected a size such as '256 MiB' (B, KiB, MiB, GiB, TiB) or a number of bytes, and not "256 MB"`,
    ],
    [
      'machine: { memory: 1000 }',
      '1:20 machine.memory: expected whole pages of 4 KiB, from 1 MiB to 6 GiB, and not 1000',
    ],
    ...[
      "'2026-11-21T12:00:00+01:00'",
      "'2026-02-30T12:00:00Z'",
      "'1899-12-31T23:59:59Z'",
      'now',
    ].map((time): [string, string] => [
      `machine: { time: ${time} }`,
      `1:18 machine.time: expected a time in UTC such as '2026-11-21T12:00:00Z', from 1900 on, or 'host', and not ${JSON.stringify(time.replaceAll("'", ''))}`,
    ]),
    [
      'machine: { budget: { virtualTime: 10 } }',
      `1:35 machine.budget.virtualTime: expected a duration such as '10 s' (ns, us, ms, s, min), and not 10 (put it in quotes)`,
    ],
    [
      device('virtio-blk'),
      '3:7 machine.devices[0]: expected a device, known by its key virtio-blk, virtio-scsi, virtio-rng, pci-bridge, custom, and not "virtio-blk"',
    ],
    [
      device('virtio-blok: { image: a }'),
      `3:7 machine.devices[0]: expected a device, known by its key virtio-blk, virtio-scsi, virtio-rng, pci-bridge, custom (did you mean 'virtio-blk'?), and not a mapping with "virtio-blok"`,
    ],
    [
      device('{ virtio-blk: { image: a }, pci-bridge: {} }'),
      '3:35 machine.devices[0].pci-bridge: unknown key "pci-bridge"; known are virtio-blk',
    ],
    [
      device('virtio-blk: {}'),
      "3:19 machine.devices[0].virtio-blk.image: missing 'image': expected the path of a disk image, or an empty disk such as { zeros: 64 MiB }",
    ],
    [
      device('virtio-blk: { image: { zeroes: 5 } }'),
      "3:28 machine.devices[0].virtio-blk.image.zeros: missing 'zeros': expected a size such as '256 MiB' (B, KiB, MiB, GiB, TiB) or a number of bytes",
      `3:30 machine.devices[0].virtio-blk.image.zeroes: unknown key "zeroes" (did you mean 'zeros'?)`,
    ],
    [
      device('virtio-blk: { image: a, slot: 02.0 }'),
      "3:37 machine.devices[0].virtio-blk.slot: expected a slot such as '02.0' or '1f.7': device.function in hexadecimal, and not 2 (put it in quotes)",
    ],
    [
      device("virtio-blk: { image: a, slot: '20.0' }"),
      `3:37 machine.devices[0].virtio-blk.slot: expected a slot such as '02.0' or '1f.7': device.function in hexadecimal, and not "20.0"`,
    ],
    [
      device('virtio-blk: { image: a, transport: isa }'),
      `3:42 machine.devices[0].virtio-blk.transport: expected a transport: 'pci-modern', 'pci-legacy', 'pci-transitional', 'mmio', and not "isa"`,
    ],
    [
      device('virtio-blk: { image: a, transport: mmio, version: 3 }'),
      '3:57 machine.devices[0].virtio-blk.version: expected the version 1 or 2, and not 3',
    ],
    [
      device('virtio-blk: { image: a, version: 1 }'),
      "3:40 machine.devices[0].virtio-blk.version: only the transport 'mmio' has versions",
    ],
    ...['transport: pci-legacy', 'transport: pci-transitional', 'transport: mmio, version: 1'].map(
      (transport): [string, string] => [
        device(`virtio-blk: { accessPlatform: true, image: a, ${transport} }`),
        '3:37 machine.devices[0].virtio-blk.accessPlatform: a device with a legacy interface cannot insist on a feature above bit 31',
      ],
    ),
    ...['packed', 'inOrder', 'notificationData', 'reset'].map((name): [string, string] => [
      device(`virtio-blk: { image: a, transport: pci-legacy, ring: { ${name}: true } }`),
      `3:${64 + name.length} machine.devices[0].virtio-blk.ring.${name}: a legacy interface has no features above bit 31`,
    ]),
    [
      device('virtio-rng: { ring: { completion: never } }'),
      "3:41 machine.devices[0].virtio-rng.ring.completion: expected 'each', 'batch', 'shuffled', and not \"never\"",
    ],
    [
      device("custom: { device: ./a.ts, transport: mmio, slot: '02.0' }"),
      '3:56 machine.devices[0].custom.slot: a device on MMIO has no slot on PCI',
    ],
    [
      device('pci-bridge: { devices: [{ virtio-blk: { image: a, transport: mmio } }] }'),
      '3:68 machine.devices[0].pci-bridge.devices[0].virtio-blk.transport: a bridge has no MMIO slots',
    ],
    [
      device('virtio-blk: { image: a, queueSize: 100 }'),
      '3:42 machine.devices[0].virtio-blk.queueSize: expected a power of two, or 0, and not 100',
    ],
    [
      device('virtio-blk: { image: a, serial: "a serial that is too long" }'),
      '3:39 machine.devices[0].virtio-blk.serial: expected up to 20 printable characters of ASCII, and not "a serial that is too long"',
    ],
    [
      device('virtio-scsi: { units: [{ dsk: { image: a } }] }'),
      `3:30 machine.devices[0].virtio-scsi.units[0]: expected a logical unit, known by its key disk, cdrom (did you mean 'disk'?), and not a mapping with "dsk"`,
    ],
    [
      device('virtio-scsi: { units: [{ disk: {} }] }'),
      "3:38 machine.devices[0].virtio-scsi.units[0].disk.image: missing 'image': expected the path of a disk image, or an empty disk such as { zeros: 64 MiB }",
    ],
    [
      device('virtio-scsi: { units: [{ cdrom: { scsi-id: 3 } }] }'),
      '3:41 machine.devices[0].virtio-scsi.units[0].cdrom.scsi-id: unknown key "scsi-id"; known are target, lun, vendor, product, revision, serial, wwn, spinUp, image',
    ],
    [
      device(
        'virtio-scsi: { units: [{ cdrom: { target: 0 } }, { disk: { target: 0, image: a } }] }',
      ),
      '3:64 machine.devices[0].virtio-scsi.units[1].disk.lun: target 0 has a LUN 0 already: units[0]',
    ],
    [
      device('virtio-scsi: { maxTarget: 3, maxLun: 7, units: [{ cdrom: { target: 4, lun: 8 } }] }'),
      '3:74 machine.devices[0].virtio-scsi.units[0].cdrom.target: expected at most 3, which is maxTarget, and not 4',
      '3:82 machine.devices[0].virtio-scsi.units[0].cdrom.lun: expected at most 7, which is maxLun, and not 8',
    ],
    [
      device('virtio-scsi: { units: [{ cdrom: { target: 256, wwn: 5000 } }] }'),
      '3:49 machine.devices[0].virtio-scsi.units[0].cdrom.target: expected a whole number from 0 to 255, and not 256',
      "3:59 machine.devices[0].virtio-scsi.units[0].cdrom.wwn: expected a worldwide name of 16 hexadecimal digits such as '5000c500a1b2c3d4', and not 5000 (put it in quotes)",
    ],
    [
      device('virtio-scsi: { latency: long, response: BUSYS }'),
      `3:31 machine.devices[0].virtio-scsi.latency: expected a duration such as '50 us', or 'never', and not "long"`,
      `3:47 machine.devices[0].virtio-scsi.response: expected 'OK', 'OVERRUN', 'ABORTED', 'BAD_TARGET', 'RESET', 'BUSY', 'TRANSPORT_FAILURE', 'TARGET_FAILURE', 'NEXUS_FAILURE', 'FAILURE', and not "BUSYS"`,
    ],
    [
      device('virtio-rng: { entropy: seed }'),
      `3:30 machine.devices[0].virtio-rng.entropy: expected 'seeded' or 'host', and not "seed"`,
    ],
    [
      device("virtio-rng: { transport: mmio, slot: '02.0', bytesPerAnser: 6 }"),
      `3:52 machine.devices[0].virtio-rng.bytesPerAnser: unknown key "bytesPerAnser" (did you mean 'bytesPerAnswer'?)`,
      '3:44 machine.devices[0].virtio-rng.slot: a device on MMIO has no slot on PCI',
    ],
    [
      'firmware: { profile: edk }',
      `1:22 firmware.profile: expected 'specification' or 'edk2', and not "edk" (did you mean 'edk2'?)`,
    ],
    [
      'firmware: { quirks: { VirtioLib.AlwaysNotify: true } }',
      `1:23 firmware.quirks.VirtioLib.AlwaysNotify: unknown key "VirtioLib.AlwaysNotify" (did you mean 'VirtioLib.AlwaysNotifies'?)`,
    ],
    [
      'firmware: { drivers: ovmf }',
      '1:22 firmware.drivers: expected a list of drivers such as [ovmf, ./my-driver.ts], and not "ovmf"',
    ],
    [
      'firmware: { bootOptions: ["PcRoot(0x0)/Pci(2,0)"] }',
      "1:27 firmware.bootOptions[0]: there is no device path node 'PcRoot(0x0)'",
    ],
    [
      'firmware: { bootOptions: [PciRoot(0)/Pci(2,0)] }',
      "1:27 firmware.bootOptions[0]: the parentheses of 'PciRoot(0)/Pci(2' do not match: put a device path in quotes",
      "1:44 firmware.bootOptions[1]: the parentheses of '0)' do not match: put a device path in quotes",
    ],
    [
      "steps: [connect: 'Pci(2)']",
      '1:18 steps[0].connect: device path node "Pci(2)": argument 2: expected a number, found nothing',
    ],
    ['steps: []', '1:8 steps: expected at least one step, and not an empty list'],
    [
      'steps: [bot]',
      `1:9 steps[0]: expected a step: 'boot', { connect: DEVICE-PATH } or { disconnect: DEVICE-PATH }, and not "bot"`,
    ],
    [
      'expect: [{ outcom: completed }]',
      `1:10 expect[0]: expected an expectation, known by its key outcome, handle, attempt, variable, console, debug, interruptDepth, findings (did you mean 'outcome'?), and not a mapping with "outcom"`,
    ],
    [
      'expect: [{ outcome: handedover }]',
      `1:21 expect[0].outcome: expected 'boot-services-exited', 'handed-over', 'completed', 'step-failed', 'crashed', 'reset', 'asserted', 'budget-spent', 'stopped', 'power-loss', 'interrupted', and not "handedover" (did you mean 'handed-over'?)`,
    ],
    [
      'expect: [{ handle: PciRoot(0), drivers: a }]',
      `1:32 expect[0].drivers: unknown key "drivers" (did you mean 'driver'?)`,
    ],
    [
      'expect: [{ console: /(/ }]',
      '1:21 expect[0].console: SyntaxError: Invalid regular expression: /(/: Unterminated group',
    ],
    [
      'expect: [{ findings: all }]',
      `1:22 expect[0].findings: expected 'none', or a list of rules such as ['virtio-1.4 2.7.5'], and not "all"`,
    ],
    [
      'firmware: { rings: { VirtioBlkDxe: { pakced: true } } }',
      `1:38 firmware.rings.VirtioBlkDxe.pakced: unknown key "pakced" (did you mean 'packed'?)`,
    ],
    [
      'firmware: { rings: { VirtioBlk: all, VirtioRngDxe: none } }',
      `1:52 firmware.rings.VirtioRngDxe: expected 'all', or a ring such as { packed: true, eventIdx: true }, and not "none"`,
      `1:22 firmware.rings.VirtioBlk: unknown key "VirtioBlk" (did you mean 'VirtioBlkDxe'?)`,
    ],
    [
      'firmware: { rings: packed }',
      '1:20 firmware.rings: expected rings such as { VirtioBlkDxe: { packed: true } }, and not "packed"',
    ],
    [
      'firmware: { interrupts: { period: 10 ns } }',
      '1:35 firmware.interrupts.period: expected at least 1 us, and not "10 ns"',
    ],
    [
      'firmware: { interrupts: { handler: none } }',
      "1:36 firmware.interrupts.handler: expected 'nested-interrupt-tpl-lib' or 'restore-tpl', and not \"none\"",
    ],
    [
      'expect: [{ interruptDepth: deep }]',
      '1:28 expect[0].interruptDepth: expected a depth such as 2, or { atLeast: 2, atMost: 3 }, and not "deep"',
    ],
    ['name:', '1:6 name: expected a name, and not nothing'],
  ])('%j is refused', (text, ...expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test.each([
    {
      what: 'two devices in one slot, however it is written',
      devices: ["{ slot: '2', image: a }", "{ slot: '00:02.0', image: b }"],
      message:
        '4:27 machine.devices[1].virtio-blk.slot: slot 02.0 is taken by machine.devices[0].virtio-blk',
    },
    {
      what: 'the slot of the host bridge',
      devices: ["{ slot: '00.0', image: a }"],
      message: '3:27 machine.devices[0].virtio-blk.slot: slot 00.0 is taken by the host bridge',
    },
    {
      what: 'a function 1 without a function 0',
      devices: ["{ slot: '02.1', image: a }"],
      message:
        '3:27 machine.devices[0].virtio-blk.slot: slot 02.1 needs a device in 02.0: nothing is there',
    },
  ])('$what is refused', ({ devices, message }) => {
    const list = devices.map((each) => `    - virtio-blk: ${each}\n`).join('');
    expect(problems(`machine:\n  devices:\n${list}`)).toEqual([message]);
  });

  test('a bus has room for 30 devices that name no slot', () => {
    const bus = (count: number): string =>
      stringify({
        machine: {
          devices: Array.from({ length: count }, () => ({ 'virtio-blk': { image: 'a' } })),
        },
      });
    expect(problems(bus(30))).toEqual([]);
    expect(problems(bus(31))).toEqual([
      expect.stringContaining('no slot from 02.0 to 1f.0 is left on this bus'),
    ]);
  });

  test('24 devices have room on MMIO, and take none on PCI', () => {
    const board = (count: number): string =>
      stringify({
        machine: {
          devices: [
            ...Array.from({ length: count }, (_unused, index) => ({
              'virtio-blk': { image: 'a', transport: 'mmio', version: 1 + (index % 2) },
            })),
            ...Array.from({ length: 30 }, () => ({ 'virtio-blk': { image: 'a' } })),
          ],
        },
      });
    expect(problems(board(24))).toEqual([]);
    expect(problems(board(25))).toEqual([expect.stringContaining('no MMIO slot is left')]);
  });

  test('aliases are followed to where they lead', () => {
    const text = 'machine:\n  devices:\n    - &a { virtio-blk: { image: 3 } }\n    - *a\n';
    expect(problems(text).map((problem) => problem.split(' ')[0])).toEqual(['3:33', '3:33']);
  });

  test('aliases cannot multiply without end', () => {
    const levels = Array.from({ length: 12 }, (_unused, level) => {
      const below =
        level === 0
          ? '1'
          : Array(10)
              .fill(`*l${level - 1}`)
              .join(', ');
      return `l${level}: &l${level} [${below}]`;
    });
    expect(problems(levels.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')]);
  });
});

describe('whatever the text is, nothing but a ScenarioError comes of it', () => {
  const word = fc.constantFrom(
    ...'machine devices virtio-blk virtio-rng entropy pci-bridge custom image zeros slot memory budget'.split(
      ' ',
    ),
    ...'firmware drivers quirks standIns bootOptions path steps connect status topology'.split(' '),
    ...'expect outcome handle console findings attempt protocols __proto__ constructor'.split(' '),
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('256 MiB', '02.0', 'PciRoot(0x0)', 'none', 'boot', 'ovmf', '/(/', '10 s'),
  );
  const key = fc.oneof({ weight: 8, arbitrary: word }, { weight: 1, arbitrary: fc.string() });
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      // Breadth and depth are bounded: a tree of unbounded ones can take minutes to make.
      { maxDepth: 5 },
      leaf,
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  })).value;

  const misplaced = (text: string): readonly string[] =>
    problems(text).filter((problem) => !/^[1-9]\d*:[1-9]\d* /u.test(problem));

  test('random YAML', () => {
    fc.assert(
      fc.property(tree, (data) => {
        expect(misplaced(stringify(data))).toEqual([]);
      }),
    );
  });

  test('random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(misplaced(text)).toEqual([]);
      }),
    );
  });

  test('YAML that was cut or changed', () => {
    const whole = `machine:\n  memory: 256 MiB\n  devices:\n    - virtio-blk: { slot: '02.0', image: a }\nexpect:\n  - outcome: completed\n`;
    const [at, cut] = [fc.nat(whole.length), fc.nat(8)];
    fc.assert(
      fc.property(at, cut, fc.string({ maxLength: 4 }), (from, length, put) => {
        expect(misplaced(whole.slice(0, from) + put + whole.slice(from + length))).toEqual([]);
      }),
    );
  });
});
