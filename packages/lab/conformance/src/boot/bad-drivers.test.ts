import { describe, expect, test } from 'vitest';
import { PciFunction } from '@dxelab/pci-devices';
import type { EfiHandle, EfiPciIo } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EVT_NOTIFY_SIGNAL,
  EVT_TIMER,
  EfiError,
  PciIoProtocol,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
  TPL_NOTIFY,
  defineProtocol,
} from '@dxelab/uefi';
import type { DebugLib, DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, PROFILES } from '@dxelab/uefi-lib';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import type { Running } from './programs.fixture.ts';
import { application, bootOs, driver, KERNEL_TEXT, osLoader } from './programs.fixture.ts';

type Start = (running: Running, controller: EfiHandle, pciIo: EfiPciIo) => void;

/** What a driver does with its device. */
interface Deeds {
  readonly start?: Start;
  readonly supported?: () => void;
  readonly stop?: () => void;
}

const VENDOR = 0x1234;

/** A driver of the function in slot 05.0, which opens it BY_DRIVER and then does something. */
function deviceDriver({ start, supported, stop }: Deeds): DxeModule {
  return driver((running) => {
    const { bs, imageHandle } = running;
    const open = (agent: EfiHandle, controller: EfiHandle) =>
      bs.tryOpenProtocol(controller, PciIoProtocol, agent, controller, EFI_OPEN_PROTOCOL_BY_DRIVER);
    efiLibInstallDriverBindingComponentName2(bs, imageHandle, 'Test Driver', (agent) => ({
      version: 0x20,
      supported(controller) {
        const { status, interface: pciIo } = open(agent, controller);
        if (status !== 'EFI_SUCCESS' || pciIo === undefined) return status;
        const id = pciIo.pci.read(1, 0);
        bs.closeProtocol(controller, PciIoProtocol, agent, controller);
        if (id !== VENDOR) return 'EFI_UNSUPPORTED';
        supported?.();
        return 'EFI_SUCCESS';
      },
      start(controller) {
        const { interface: pciIo } = open(agent, controller);
        if (pciIo !== undefined) start?.(running, controller, pciIo);
      },
      stop() {
        stop?.();
      },
    }));
  });
}

/** A machine with the demonstration disk and a device for such a driver. */
function world(drivers: readonly DxeModule[], options: BootWorldOptions = {}): BootWorld {
  const slots = {
    '02.0': virtioDisk(),
    '05.0': new PciFunction({ name: 'thing', vendorId: VENDOR, deviceId: 1, classCode: 0xff0000 }),
  };
  return new BootWorld({ standIn: osLoader, slots, drivers, ...options });
}

describe.each(PROFILES)('a bug of a driver stops the boot with its stack, %s', (profile) => {
  const bug = (): never => {
    throw new TypeError('cannot read the datasheet');
  };

  test.each<[string, () => readonly DxeModule[]]>([
    ['Supported', () => [deviceDriver({ supported: bug })]],
    ['Start', () => [deviceDriver({ start: bug })]],
    ['Stop', () => [deviceDriver({ stop: bug })]],
    ['its entry point', () => [driver(bug)]],
    [
      'a notification function',
      () => [
        driver(({ bs }) => {
          const event = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, bug, undefined);
          bs.signalEvent(event);
        }),
      ],
    ],
    [
      'a timer, which interrupts something else',
      () => [
        deviceDriver({
          start: ({ bs }) => {
            const type = EVT_TIMER | EVT_NOTIFY_SIGNAL;
            bs.setTimer(bs.createEvent(type, TPL_CALLBACK, bug, undefined), 'TimerRelative', 1);
          },
        }),
      ],
    ],
  ])('in %s', (_where, drivers) => {
    const loader = application((running) => {
      const { bs } = running;
      bs.stall(15_000);
      for (const handle of bs.locateHandleBuffer({ type: 'ByProtocol', protocol: PciIoProtocol })) {
        bs.disconnectController(handle);
      }
      bootOs(running);
    });
    const { error, message } = world(drivers(), { profile, standIn: loader }).bootTo('crashed');
    expect(error).toBeInstanceOf(TypeError);
    expect(message).toBe('cannot read the datasheet');
    expect(error instanceof Error && error.stack).toMatch(/bug .*bad-drivers\.test\.ts/);
  });

  test('a status that a notification function lets out is no status of what it interrupted', () => {
    const drivers = [
      deviceDriver({
        start: ({ bs }) => {
          const fail = (): never => {
            throw new EfiError('EFI_DEVICE_ERROR', 'nobody asked');
          };
          bs.signalEvent(bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, fail, undefined));
        },
      }),
    ];
    const { message } = world(drivers, { profile }).bootTo('crashed');
    expect(message).toMatch(/the notification function of event \d+ failed with EFI_DEVICE_ERROR/);
  });
});

describe.each(PROFILES)('a driver that spins for ever, %s', (profile) => {
  const budget = { accesses: 200_000, virtualTime: 60e9 };

  test.each<[string, Start]>([
    [
      'reading RAM',
      ({ libraries }) => {
        for (;;) libraries.ram.readUint8(0x1000);
      },
    ],
    [
      'reading its device',
      (_running, _controller, pciIo) => {
        for (;;) pciIo.pci.read(0, 0);
      },
    ],
    [
      'calling boot services',
      ({ bs }) => {
        for (;;) bs.stall(10);
      },
    ],
    [
      'at TPL_HIGH_LEVEL, where no interrupt comes',
      ({ bs, libraries }) => {
        bs.raiseTpl(TPL_HIGH_LEVEL);
        for (;;) libraries.ram.readUint8(0x1000);
      },
    ],
    [
      'and catches whatever is thrown',
      ({ libraries }) => {
        for (let caught = 0; caught < 3;) {
          try {
            for (;;) libraries.ram.readUint8(0x1000);
          } catch {
            caught++;
          }
        }
      },
    ],
    [
      'waiting for an event that nobody signals, with a timer ticking',
      ({ bs }) => {
        const tick = bs.createEvent(
          EVT_TIMER | EVT_NOTIFY_SIGNAL,
          TPL_CALLBACK,
          () => {},
          undefined,
        );
        bs.setTimer(tick, 'TimerPeriodic', 1000);
        bs.waitForEvent([bs.createEvent(0)]);
      },
    ],
  ])('%s spends the budget', (_how, start) => {
    const { details } = world([deviceDriver({ start })], { profile, budget }).bootTo(
      'budget-spent',
    );
    expect(details['report']).toMatch(/^virtio-blk: status 0x/);
  });

  test('waiting for what cannot come is noticed at once', () => {
    const start: Start = ({ bs }) => void bs.waitForEvent([bs.createEvent(0)]);
    const waiting = world([deviceDriver({ start })], { profile, budget });
    // EDK II's timer ticks for ever; without it there is nothing that could wake the CPU.
    expect(waiting.boot().message).toMatch(
      profile === 'edk2'
        ? /has spent its budget/
        : /waits for an interrupt, and nothing can cause one/,
    );
  });
});

describe.each(PROFILES)('a driver that leaves things in disorder, %s', (profile) => {
  test('an entry point that returns at a raised TPL: the core restores it and says so', () => {
    const drivers = [driver(({ bs }) => void bs.raiseTpl(TPL_NOTIFY))];
    const lab = world(drivers, { profile });
    lab.bootTo('boot-services-exited');
    expect(lab.debug.map(({ message }) => message)).toContain(
      'TestDxe returned at TPL 16, and was called at 4',
    );
  });

  test('a Start that returns at a raised TPL: the next who needs a lower one fails an ASSERT', () => {
    const start: Start = ({ bs }) => void bs.raiseTpl(TPL_NOTIFY);
    const { message } = world([deviceDriver({ start })], { profile }).bootTo('asserted');
    expect(message).toMatch(/RaiseTPL raises the TPL: it is 16, not to become 8$/);
  });

  test('a Start that forgets to close what it opened, and fails: the report shows whose it is', () => {
    const fail = (): never => {
      throw new EfiError('EFI_DEVICE_ERROR', 'the device does not answer');
    };
    const lab = world([deviceDriver({ start: fail })], { profile });
    lab.bootTo('boot-services-exited');
    expect(lab.startFailures).toContain('TestDxe: EFI_DEVICE_ERROR: the device does not answer');
    expect(lab.deviceTree).toContain('PciRoot(0x0)/Pci(0x5,0x0): PciIo DevicePath | TestDxe');
  });

  test('a driver that is unloaded with an event open: the event finds nobody at home', () => {
    const drivers = [
      driver(({ bs }) => {
        const late = (): void => void bs.getMemoryMap();
        const timer = bs.createEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, late, undefined);
        bs.setTimer(timer, 'TimerRelative', 1);
        throw new EfiError('EFI_UNSUPPORTED', 'this platform is not mine');
      }),
    ];
    const standIn = application((running) => {
      running.bs.stall(15_000);
      bootOs(running);
    });
    const { message } = world(drivers, { profile, standIn }).bootTo('crashed');
    expect(message).toBe(
      'TestDxe called a boot service after it had been unloaded: it left something behind',
    );
  });

  test('a driver that is unloaded with a protocol installed: it stays, and the boot goes on', () => {
    const Left = defineProtocol<string>('Left', '11111111-2222-4333-8444-555555555555');
    const drivers = [
      driver(({ bs }) => {
        bs.installProtocolInterface(undefined, Left, 'behind');
        throw new EfiError('EFI_UNSUPPORTED', 'this platform is not mine');
      }),
    ];
    const lab = world(drivers, { profile });
    lab.bootTo('boot-services-exited');
    const left = lab.core.handles().flatMap(({ protocols }) => protocols);
    expect(left.find(({ name }) => name === 'Left')?.interface).toBe('behind');
    expect(lab.core.moduleFailures()).toMatchObject([{ module: { name: 'TestDxe' } }]);
  });

  test('a driver that steals the disk BY_DRIVER: the disk has no partitions, and nothing crashes', () => {
    const thief = driver(({ bs, imageHandle }) => {
      efiLibInstallDriverBindingComponentName2(bs, imageHandle, 'Thief', (agent) => ({
        // Higher than any of OVMF's.
        version: 0xffff_fff0,
        supported(controller) {
          return bs.tryOpenProtocol(
            controller,
            PciIoProtocol,
            agent,
            controller,
            EFI_OPEN_PROTOCOL_GET_PROTOCOL,
          ).status;
        },
        start(controller) {
          bs.openProtocol(
            controller,
            PciIoProtocol,
            agent,
            controller,
            EFI_OPEN_PROTOCOL_BY_DRIVER,
          );
        },
        stop() {},
      }));
    });
    const lab = world([thief], { profile });
    lab.bootTo('stopped');
    expect(lab.deviceTree).toContain('PciRoot(0x0)/Pci(0x2,0x0): PciIo DevicePath | TestDxe');
  });
});

describe.each(PROFILES)('an ASSERT, %s', (profile) => {
  test('stops the boot with the file and line of whoever asserts', () => {
    const start: Start = ({ libraries }) => libraries.debug.assert(1 + 1 === 3, 'the sum is right');
    const { message, details } = world([deviceDriver({ start })], { profile }).bootTo('asserted');
    expect(message).toMatch(
      /^ASSERT \[TestDxe\] .*bad-drivers\.test\.ts\(\d+\): the sum is right$/,
    );
    expect(details).toMatchObject({ module: 'TestDxe', description: 'the sum is right' });
    expect(String(details['file'])).toMatch(/bad-drivers\.test\.ts$/);
    expect(details['line']).toBeGreaterThan(0);
  });

  test('cannot be swallowed', () => {
    const start: Start = ({ libraries }) => {
      const debug: DebugLib = libraries.debug;
      try {
        debug.assert(false, 'never');
      } catch {
        // as if nothing had happened
      }
    };
    const lab = world([deviceDriver({ start })], { profile });
    lab.bootTo('asserted');
    expect(lab.console).not.toContain(KERNEL_TEXT);
  });

  test('that holds does nothing', () => {
    const start: Start = ({ libraries }) => libraries.debug.assert(true, 'always');
    const lab = world([deviceDriver({ start })], { profile });
    lab.bootTo('boot-services-exited');
    expect(lab.console).toBe(KERNEL_TEXT);
  });
});
