import type { MachineBus } from '@dxelab/emulated-machine';
import { succeeded } from '@dxelab/scenario';
import type { ScenarioInput, StepInput } from '@dxelab/scenario';
import { TraceRecorder, chromeSink, eventFilter, jsonLinesSink } from '@dxelab/trace';
import { BlockIoProtocol, EfiError, EVT_TIMER, TPL_HIGH_LEVEL } from '@dxelab/uefi';
import { DEBUG_ERROR, PROFILES } from '@dxelab/uefi-lib';
import { VirtioBlk } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { bootLive, demoDisk, driver, loader } from './live.fixture.ts';

const DISK = 'PciRoot(0x0)/Pci(0x2,0x0)';
const ESP = `${DISK}/HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5,0x800,0x17df)`;
const BOOTX64 = '\\EFI\\BOOT\\BOOTX64.EFI';

const emptyDisk = { 'virtio-blk': { image: { zeros: '1 MiB' } } };
const disk = (): ScenarioInput => ({
  machine: { devices: [{ 'virtio-blk': { image: demoDisk() } }] },
});

describe.each(PROFILES)('a scenario boots a disk (%s)', (profile) => {
  test('with a stand-in for the loader: until it has left boot services', () => {
    const report = bootLive({
      ...disk(),
      name: 'a disk',
      firmware: { profile, standIns: { [BOOTX64.toLowerCase()]: loader('Hello, wörld\r\n') } },
      expect: [
        { outcome: 'boot-services-exited', image: BOOTX64 },
        { handle: DISK, driver: 'VirtioBlkDxe', protocols: ['BlockIo', 'DiskIo'] },
        { handle: ESP, driver: 'FatDxe', protocols: ['SimpleFileSystem'] },
        { handle: 'PciRoot(0x0)/Pci(0x3,0x0)', present: false },
        { console: 'Hello, wörld' },
        { debug: 'DxeCore: dispatching FatDxe' },
        { findings: 'none' },
      ],
    });
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(succeeded(report)).toBe(true);
    expect(report).toMatchObject({ scenario: { name: 'a disk' }, profile, attempts: [] });
    expect(report.phases.map(({ name }) => name)).toEqual([
      'machine',
      'dispatch',
      'connect',
      'load',
      'image',
    ]);
    const total = report.phases.reduce((sum, { virtualTime }) => sum + virtualTime, 0);
    expect(total).toBe(report.virtualTime);
  });

  test('without a stand-in: until control goes to machine code', () => {
    const report = bootLive({ ...disk(), firmware: { profile } });
    expect(report.outcome).toMatchObject({
      kind: 'handed-over',
      details: { image: BOOTX64, devicePath: `${ESP}/${BOOTX64}` },
    });
    expect(succeeded(report)).toBe(true);
  });

  test('and finds nothing on an empty one', () => {
    const report = bootLive({ machine: { devices: [emptyDisk] }, firmware: { profile } });
    expect(report.outcome).toMatchObject({ kind: 'stopped', message: 'nothing is left to boot' });
    expect(succeeded(report)).toBe(false);
    expect(report.troubles).toContainEqual({
      driver: 'PartitionDxe',
      kind: 'start-failed',
      controller: DISK,
      reason: expect.stringContaining('EFI_NOT_FOUND'),
    });
  });
});

describe('what a driver may not do', () => {
  test('a service above its TPL is a finding that names caller, service, level and limit (UEFI §7.1)', () => {
    const report = bootLive({
      machine: { devices: [emptyDisk] },
      firmware: {
        drivers: [
          driver('HastyDxe', ({ bootServices: bs }) => {
            const oldTpl = bs.raiseTpl(TPL_HIGH_LEVEL);
            bs.createEvent(EVT_TIMER);
            bs.createEvent(EVT_TIMER);
            bs.restoreTpl(oldTpl);
          }),
        ],
      },
    });
    expect(report.findings).toEqual([
      {
        rule: 'UEFI 7.1',
        device: 'DxeCore',
        message: 'HastyDxe called CreateEvent at TPL_HIGH_LEVEL; its limit is below TPL_HIGH_LEVEL',
        count: 2,
        virtualTime: expect.any(Number),
        fields: { service: 'CreateEvent', tpl: 31, limit: 30 },
      },
    ]);
  });
});

describe('stand-ins', () => {
  test.each([
    [`${DISK}/${BOOTX64}`, 'boot-services-exited'],
    [`${ESP}/${BOOTX64}`, 'boot-services-exited'],
    [`PciRoot(0)/Pci(3,0)/${BOOTX64}`, 'handed-over'],
    ['\\EFI\\BOOT\\BOOTIA32.EFI', 'handed-over'],
  ])('%s: %s', (place, kind) => {
    const report = bootLive({ ...disk(), firmware: { standIns: { [place]: loader('') } } });
    expect(report.outcome.kind).toBe(kind);
  });
});

describe('boot options', () => {
  test('are tried in order before the removable-media path, and say why they failed', () => {
    const report = bootLive({
      ...disk(),
      firmware: {
        bootOptions: [
          {
            path: `${DISK}/HD(9,GPT,64e1ab00-0000-4000-8000-0000000000e5)/a.efi`,
            description: 'A',
          },
          { path: '\\nothing.efi', description: 'B' },
        ],
        standIns: { [BOOTX64]: loader('') },
      },
      expect: [
        { attempt: 'A', status: 'EFI_NOT_FOUND' },
        { attempt: '/nothing/', status: 'EFI_NOT_FOUND', reason: 'nothing.efi' },
        { outcome: 'boot-services-exited' },
      ],
    });
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(report.attempts.map(({ description }) => description)).toEqual(['A', 'B']);
  });
});

describe('steps', () => {
  test('connect and disconnect without booting', () => {
    const report = bootLive({
      machine: { devices: [emptyDisk] },
      steps: [{ connect: DISK }, { disconnect: DISK }, { connect: DISK }],
      expect: [{ outcome: 'completed' }, { handle: DISK, driver: 'VirtioBlkDxe' }],
    });
    expect(report.expectations.map(({ held }) => held)).toEqual([true, true]);
  });

  test('connect and disconnect everything there is', () => {
    const connected = bootLive({ ...disk(), steps: [{ connect: 'all' }] });
    expect(connected.handles.some(({ devicePath }) => devicePath === ESP)).toBe(true);
    const undone = bootLive({ ...disk(), steps: [{ connect: 'all' }, { disconnect: 'all' }] });
    expect(undone.outcome.kind).toBe('completed');
    expect(undone.handles.filter(({ drivers }) => drivers.length > 0)).toEqual([]);
  });

  test.each<StepInput>([
    { connect: 'PciRoot(0x0)/Pci(0x9,0x0)' },
    { connect: 'PciRoot(0x7)' },
    { disconnect: 'PciRoot(0x0)/Pci(0x9,0x0)' },
  ])('that cannot be done end the boot: %j', (step) => {
    const report = bootLive({ steps: [step] });
    expect(report.outcome).toMatchObject({
      kind: 'step-failed',
      message: expect.stringMatching(/^(?:dis)?connect PciRoot.*EFI_NOT_FOUND/),
    });
    expect(succeeded(report)).toBe(false);
  });
});

describe('what ends a boot badly is an outcome, with who was at work', () => {
  const withDriver = (body: Parameters<typeof driver>[1], budget = {}): ScenarioInput => ({
    machine: { budget },
    firmware: { drivers: ['ovmf', driver('BadDxe', body)] },
  });

  test('a bug of a driver, with its stack', () => {
    const report = bootLive(
      withDriver(() => {
        throw new TypeError('undefined is not a device');
      }),
    );
    expect(report.outcome).toMatchObject({
      kind: 'crashed',
      message: 'TypeError: undefined is not a device',
      details: {
        during: 'the entry point of BadDxe',
        stack: expect.stringContaining('boot.test.ts'),
      },
    });
  });

  test('a status at an entry point is no end: the driver is unloaded', () => {
    const report = bootLive(
      withDriver(() => {
        throw new EfiError('EFI_DEVICE_ERROR', 'not today');
      }),
    );
    expect(report.outcome.kind).toBe('stopped');
    expect(report.troubles).toContainEqual({
      driver: 'BadDxe',
      kind: 'entry-failed',
      controller: undefined,
      reason: 'EFI_DEVICE_ERROR: not today',
    });
  });

  test('EFI_UNSUPPORTED there says that the driver is not needed, as PciHostBridgeDxe without PCI', () => {
    const onBoard = { 'virtio-blk': { image: { zeros: '1 MiB' }, transport: 'mmio' } } as const;
    const report = bootLive({ machine: { devices: [onBoard] } });
    const reason = 'EFI_UNSUPPORTED: the platform has no PCI root bridge';
    expect(report.troubles).toContainEqual({
      driver: 'PciHostBridgeDxe',
      kind: 'not-needed',
      controller: undefined,
      reason,
    });
    const said = report.debug.filter(({ message }) => message.includes('PciHostBridgeDxe'));
    expect(said.filter(({ level }) => level === DEBUG_ERROR)).toEqual([]);
  });

  test('an ASSERT', () => {
    const report = bootLive(
      withDriver((_table, { debug }) => debug.assert(false, 'the moon is full')),
    );
    expect(report.outcome).toMatchObject({
      kind: 'asserted',
      message: expect.stringContaining('the moon is full'),
    });
  });

  test.each([
    ['accesses', { accesses: 10_000 }],
    ['virtual time', { virtualTime: '5 ms' }],
  ])('a driver that polls for ever, at any TPL: its budget of %s', (what, budget) => {
    const report = bootLive(
      withDriver(({ bootServices: bs }, { platform }) => {
        bs.raiseTpl(TPL_HIGH_LEVEL);
        for (;;) platform.ports.read8(0x3fd);
      }, budget),
    );
    expect(report.outcome).toMatchObject({
      kind: 'budget-spent',
      message: expect.stringContaining(what),
      details: { during: 'the entry point of BadDxe' },
    });
    expect(report.accesses).toBeLessThan(300_000);
  });

  test('a reset', () => {
    const report = bootLive(
      withDriver(({ runtimeServices }) =>
        runtimeServices.resetSystem('EfiResetShutdown', 'EFI_SUCCESS'),
      ),
    );
    expect(report.outcome).toMatchObject({ kind: 'reset', details: { type: 'EfiResetShutdown' } });
  });

  test('a device that cannot be built', () => {
    const report = bootLive({
      machine: {
        devices: [
          {
            custom: {
              device: () => {
                throw new RangeError('no such device');
              },
            },
          },
        ],
      },
    });
    expect(report.outcome).toMatchObject({
      kind: 'crashed',
      message: 'RangeError: no such device',
    });
    expect(report.handles).toEqual([]);
  });
});

describe('drivers', () => {
  test('a user’s with the FILE_GUID of one of OVMF’s takes its place', () => {
    const { fileGuid } = loader('');
    const [first, second] = [driver('First', () => {}), driver('Second', () => {})];
    expect([first.fileGuid, second.fileGuid]).toEqual([fileGuid, fileGuid]);
    const { handles } = bootLive({ firmware: { drivers: ['ovmf', first, second] } });
    expect(
      handles.map(({ image }) => image).filter((name) => /First|Second/.test(name ?? '')),
    ).toEqual(['Second']);
  });

  test('without OVMF’s there is no boot manager', () => {
    const report = bootLive({ firmware: { drivers: [driver('Alone', () => {})] } });
    expect(report.outcome).toMatchObject({ kind: 'stopped' });
    expect(report.handles.flatMap(({ image }) => image ?? [])).toEqual(['DxeCore', 'lab', 'Alone']);
  });
});

describe('disks', () => {
  /** Writes a block of ones behind the first virtio disk. */
  const writer = driver('WriterDxe', () => {});
  const write = (writable: boolean): { changed: boolean; backend: ReturnType<typeof demoDisk> } => {
    const backend = demoDisk();
    const ones = new Uint8Array(512).fill(1);
    const standIn = {
      ...loader(''),
      entryPoint(...[imageHandle, { bootServices: bs }]: Parameters<typeof writer.entryPoint>) {
        for (const handle of bs.locateHandleBuffer({
          type: 'ByProtocol',
          protocol: BlockIoProtocol,
        })) {
          const blk = bs.handleProtocol(handle, BlockIoProtocol);
          if (!blk.media.logicalPartition) blk.writeBlocks(blk.media.mediaId, 40, ones);
        }
        bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
      },
    };
    const report = bootLive({
      machine: { devices: [{ 'virtio-blk': { image: backend, writable } }] },
      firmware: { standIns: { [BOOTX64]: standIn } },
    });
    expect(report.outcome.kind).toBe('boot-services-exited');
    const block = new Uint8Array(512);
    backend.read(40 * 512, block, 0, 512);
    return { changed: block.every((byte) => byte === 1), backend };
  };

  test('are not changed unless the scenario says so', () => {
    expect(write(false).changed).toBe(false);
    expect(write(true).changed).toBe(true);
  });
});

describe('devices of a user’s own', () => {
  test('a virtio model gets a transport, a slot, and its driver', () => {
    const report = bootLive({
      machine: {
        devices: [
          { custom: { slot: '1e.0', device: () => new VirtioBlk({ backend: demoDisk() }) } },
        ],
      },
      expect: [{ handle: 'PciRoot(0)/Pci(0x1e,0)', driver: 'VirtioBlkDxe' }],
    });
    expect(report.expectations).toMatchObject([{ held: true }]);
  });

  test('a device on the bus is attached to it', () => {
    const attached: string[] = [];
    bootLive({
      machine: {
        devices: [
          {
            custom: {
              device: () => ({
                name: 'mine',
                attach: ({ ram }: MachineBus) => void attached.push(`${ram.length}`),
              }),
            },
          },
        ],
      },
    });
    expect(attached).toEqual(['1']);
  });
});

describe('the same scenario is the same boot', () => {
  const scenario = (): ScenarioInput => ({
    ...disk(),
    firmware: { standIns: { [BOOTX64]: loader('Done') } },
  });

  test('to the byte of its trace', () => {
    const traced = (): string => {
      let text = '';
      const report = bootLive(scenario(), {
        trace: jsonLinesSink((piece) => (text += piece)),
        wallClock: () => 0,
      });
      return `${text}${JSON.stringify(report)}`;
    };
    expect(traced()).toBe(traced());
  });

  test('whether it is traced or not', () => {
    const plain = bootLive(scenario(), { wallClock: () => 0 });
    const trace = new TraceRecorder();
    const traced = bootLive(scenario(), { trace, traceWaist: true, wallClock: () => 0 });
    expect(traced).toEqual(plain);
    expect(trace.names()).toContain('waist_port_write');
  });
});

describe('a trace of a boot', () => {
  test('has slices for what takes time, in Chrome’s format', () => {
    let text = '';
    bootLive(disk(), {
      trace: chromeSink((piece) => (text += piece)),
      traceFilter: eventFilter(['start_image_*', 'driver_binding_start_*', 'virtio_*']),
    });
    const events: readonly { name: string; ph: string }[] = JSON.parse(text);
    const begins = events.flatMap(({ name, ph }) => (ph === 'B' ? name : []));
    expect(begins).toContain('start_image VirtioBlkDxe');
    expect(begins).toContain('driver_binding_start FatDxe');
    expect(events.filter(({ ph }) => ph === 'E')).toHaveLength(begins.length);
    expect(events.some(({ name, ph }) => name === 'virtio_set_status' && ph === 'i')).toBe(true);
  });
});

describe('who watches a boot', () => {
  test('hears of it while it runs', () => {
    const heard: string[] = [];
    let console = '';
    const report = bootLive(
      { ...disk(), firmware: { standIns: { [BOOTX64]: loader('Hé') } } },
      {
        onConsole: (text) => (console += text),
        onPhase: (name) => heard.push(name),
        onDebug: ({ module }) => heard.push(module),
      },
    );
    expect(console).toBe('Hé');
    expect(heard[0]).toBe('machine');
    expect(heard).toContain('image');
    expect(heard.filter((word) => word === 'DxeCore').length).toBeGreaterThan(0);
    expect(report.console).toBe('Hé');
  });
});
