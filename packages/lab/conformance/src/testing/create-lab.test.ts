import { createLab, customDevice, pciBridge, virtioBlk, zeros } from '@dxelab/testing';
import { expect } from '@dxelab/testing/vitest';
import { TraceRecorder } from '@dxelab/trace';
import {
  BlockIoProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EVT_TIMER,
  EfiError,
  PciIoProtocol,
  SimpleFileSystemProtocol,
  defineProtocol,
  guid,
} from '@dxelab/uefi';
import type { EfiBootServices, EfiHandle } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES, efiLibInstallDriverBindingComponentName2 } from '@dxelab/uefi-lib';
import { VirtioBlk, MemoryBackend } from '@dxelab/virtio-devices';
import { virtioBlkDxe } from '@dxelab/virtio-blk-dxe';
import { describe, test } from 'vitest';

const DISK = 'PciRoot(0x0)/Pci(0x2,0x0)';
const SneezeProtocol = defineProtocol<{ readonly loud: boolean }>(
  'Sneeze',
  'aaaaaaaa-0000-4000-8000-000000000001',
);

/** A driver for PCI functions, which does what a test tells it to do. */
function pciDriver(behaviour: {
  readonly start?: (bs: EfiBootServices) => void;
  readonly leavesOpen?: boolean;
  readonly leavesProtocol?: boolean;
  readonly depex?: DxeModule['depex'];
  readonly entry?: () => void;
}): DxeModule {
  return {
    name: 'SneezeDxe',
    fileGuid: guid('aaaaaaaa-0000-4000-8000-000000000002'),
    moduleType: 'UEFI_DRIVER',
    ...(behaviour.depex === undefined ? {} : { depex: behaviour.depex }),
    entryPoint(imageHandle, { bootServices: bs }) {
      behaviour.entry?.();
      const sneeze = { loud: true };
      efiLibInstallDriverBindingComponentName2(bs, imageHandle, 'Sneeze', (agent) => ({
        version: 0x10,
        supported: (controller: EfiHandle) =>
          bs.tryOpenProtocol(
            controller,
            PciIoProtocol,
            agent,
            controller,
            EFI_OPEN_PROTOCOL_BY_DRIVER,
          ).interface === undefined
            ? 'EFI_UNSUPPORTED'
            : (bs.closeProtocol(controller, PciIoProtocol, agent, controller), 'EFI_SUCCESS'),
        start(controller: EfiHandle): void {
          behaviour.start?.(bs);
          bs.openProtocol(
            controller,
            PciIoProtocol,
            agent,
            controller,
            EFI_OPEN_PROTOCOL_BY_DRIVER,
          );
          bs.installProtocolInterface(controller, SneezeProtocol, sneeze);
        },
        stop(controller: EfiHandle): void {
          if (behaviour.leavesProtocol !== true) {
            bs.uninstallProtocolInterface(controller, SneezeProtocol, sneeze);
          }
          if (behaviour.leavesOpen !== true) {
            bs.closeProtocol(controller, PciIoProtocol, agent, controller);
          }
        },
      }));
    },
  };
}

describe('a lab', () => {
  test.each(PROFILES)(
    'connects, opens, and leaves nothing behind, again and again (%s)',
    (profile) => {
      const lab = createLab({ profile, devices: [virtioBlk({ image: zeros('1 MiB') })] });
      for (let round = 0; round < 3; round++) {
        const disk = lab.connect(DISK);
        expect(disk.drivers).toContain('VirtioBlkDxe');
        const block = new Uint8Array(512).fill(round + 1);
        disk.open(BlockIoProtocol).writeBlocks(0, 3, block);
        const read = new Uint8Array(512);
        disk.open(BlockIoProtocol).readBlocks(0, 3, read);
        expect(read).toEqual(block);
        expect(lab.disconnect()).toHaveNoLeaks();
      }
      expect(lab.findings).toEqual([]);
    },
  );

  test('reaches a controller behind a bridge, through its device path', () => {
    const lab = createLab({
      devices: [pciBridge({ devices: [virtioBlk({ image: zeros('1 MiB') })] })],
    });
    expect(lab.connect(`${DISK}/Pci(0x2,0x0)`).protocols).toContain('BlockIo');
    // PciBusDxe makes all functions children of the root bridge, wherever they are.
    const functions = lab.connect('PciRoot(0x0)').children;
    expect(functions.some(({ drivers }) => drivers.includes('VirtioBlkDxe'))).toBe(true);
  });

  test('takes devices of a test’s own', () => {
    const backend = new MemoryBackend(4096);
    const lab = createLab({
      devices: [customDevice({ slot: '05.0', device: () => new VirtioBlk({ backend }) })],
    });
    expect(lab.connect('PciRoot(0)/Pci(5,0)').open(BlockIoProtocol).media.lastBlock).toBe(7);
  });

  test('tries the drivers under test before the firmware’s own', () => {
    const lab = createLab({
      devices: [virtioBlk({ image: zeros('1 MiB') })],
      drivers: [pciDriver({})],
    });
    const controller = lab.connect(DISK);
    expect(controller.drivers).toEqual(['SneezeDxe']);
    expect(controller.open(SneezeProtocol)).toEqual({ loud: true });
  });

  test('records what the firmware and the machine do', () => {
    const trace = new TraceRecorder();
    const lab = createLab({ trace, devices: [virtioBlk({ image: zeros('1 MiB') })] });
    lab.connect(DISK);
    const drivers = trace.of('driver_binding_start_begin').map(({ fields: { driver } }) => driver);
    expect(drivers).toContain('VirtioBlkDxe');
    expect(trace.names()).toContain('virtio_set_status');
  });
});

describe('what a driver under test does wrong is shown to its author', () => {
  const devices = [virtioBlk({ image: zeros('1 MiB') })];

  test('a Start that fails: connect throws what it threw', () => {
    const start = (): never => {
      throw new EfiError('EFI_OUT_OF_RESOURCES', 'no handkerchief');
    };
    const lab = createLab({ devices, drivers: [pciDriver({ start })] });
    expect(() => lab.connect(DISK)).toThrowEfi('EFI_OUT_OF_RESOURCES');
    expect(() => lab.connect(DISK)).toThrow('no handkerchief');
  });

  test('a bug in Start goes through as it is', () => {
    const bug = new TypeError('undefined is not a handkerchief');
    const start = (): never => {
      throw bug;
    };
    const lab = createLab({ devices, drivers: [pciDriver({ start })] });
    expect(() => lab.connect(DISK)).toThrow(bug);
  });

  test('an entry point that fails: createLab throws what it threw', () => {
    const entry = (): never => {
      throw new EfiError('EFI_UNSUPPORTED', 'not today');
    };
    expect(() => createLab({ drivers: [pciDriver({ entry })] })).toThrowEfi('EFI_UNSUPPORTED');
  });

  test('a dependency that is never met', () => {
    const drivers = [pciDriver({ depex: { op: 'PUSH', protocol: SneezeProtocol } })];
    expect(() => createLab({ drivers })).toThrow(/SneezeDxe was not dispatched: it waits for .*/);
  });

  test('a protocol that is not there: what is there in its place', () => {
    const lab = createLab({ devices });
    const disk = lab.connect(DISK);
    expect(() => disk.open(SimpleFileSystemProtocol)).toThrowEfi('EFI_UNSUPPORTED');
    expect(() => disk.open(SimpleFileSystemProtocol)).toThrow(
      /no SimpleFileSystem on this controller, which has .*BlockIo.*; FatDxe did not start: /,
    );
  });

  test('a device path that leads nowhere', () => {
    const lab = createLab({ devices });
    expect(() => lab.connect('PciRoot(0x0)/Pci(0x7,0x0)')).toThrowEfi('EFI_NOT_FOUND');
  });

  test('a protocol left open', () => {
    const lab = createLab({ devices, drivers: [pciDriver({ leavesOpen: true })] });
    lab.connect(DISK);
    expect(lab.disconnect().leaks).toEqual([
      { what: expect.stringMatching(/^PciIo on handle \d+ is open BY_DRIVER by SneezeDxe/) },
    ]);
    expect(() => expect(lab.disconnect()).toHaveNoLeaks()).toThrow('expected no leaks');
  });

  test('a protocol left installed', () => {
    const lab = createLab({ devices, drivers: [pciDriver({ leavesProtocol: true })] });
    lab.connect(DISK);
    expect(lab.disconnect().leaks).toEqual([
      { what: expect.stringMatching(/^Sneeze on handle \d+$/) },
    ]);
  });

  test('memory that was not freed, and an event that was not closed', () => {
    const start = (bs: EfiBootServices): void => {
      bs.allocatePool('EfiBootServicesData', 24);
      bs.freePool(bs.allocatePool('EfiBootServicesData', 24));
      bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 2);
      bs.createEvent(EVT_TIMER);
      bs.closeEvent(bs.createEvent(EVT_TIMER));
    };
    const lab = createLab({ devices, drivers: [pciDriver({ start })] });
    lab.connect(DISK);
    expect(lab.disconnect().leaks).toEqual([
      {
        what: expect.stringMatching(
          /^8192 bytes of memory at 0x[0-9a-f]+, allocated by SneezeDxe$/,
        ),
      },
      {
        what: expect.stringMatching(/^24 bytes of memory at 0x[0-9a-f]+, allocated by SneezeDxe$/),
      },
      { what: expect.stringMatching(/^event \d+, created by SneezeDxe$/) },
    ]);
  });

  test.each(PROFILES)('nothing of VirtioBlkDxe under test (%s)', (profile) => {
    const lab = createLab({ profile, devices, drivers: [virtioBlkDxe] });
    lab.connect(DISK).open(BlockIoProtocol).readBlocks(0, 0, new Uint8Array(512));
    expect(lab.disconnect()).toHaveNoLeaks();
  });

  test('a path in place of a live object', () => {
    expect(() => createLab({ devices: [virtioBlk({ image: 'disk.img' })] })).toThrow(
      "createLab: machine.devices[0].virtio-blk.image: expected a live object, and not 'disk.img': no file is opened here",
    );
  });
});

test('virtioBlkDxe under test is the firmware’s own, once', () => {
  const lab = createLab({
    devices: [virtioBlk({ image: zeros('1 MiB') })],
    drivers: [virtioBlkDxe],
  });
  expect(lab.core.images().filter(({ name }) => name === 'VirtioBlkDxe')).toHaveLength(1);
});

test('drivers have the rings that a test asks for', () => {
  const trace = new TraceRecorder();
  const lab = createLab({
    devices: [virtioBlk({ slot: '02.0', image: zeros('1 MiB'), ring: { packed: true } })],
    rings: { VirtioBlkDxe: { packed: true, eventIdx: true } },
    trace,
  });
  lab.connect(DISK).open(BlockIoProtocol).readBlocks(0, 0, new Uint8Array(512));
  expect(trace.of('virtio_negotiated').map(({ fields }) => fields.ring)).toEqual([
    'packed, event indices',
  ]);
});
