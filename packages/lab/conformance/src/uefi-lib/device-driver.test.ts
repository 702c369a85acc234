import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EfiStatus } from '@dxelab/uefi';
import { defineProtocol, EfiError, efiStatusOf } from '@dxelab/uefi';
import type { DeviceDriverOptions, DxeModule } from '@dxelab/uefi-lib';
import { installDeviceDriver, PROFILES, Quirks } from '@dxelab/uefi-lib';
import { createLab, customDevice } from '@dxelab/testing';
import { describe, expect, test } from 'vitest';
import { thermometerShortDxe } from '../docs/thermometer-short-dxe.fixture.ts';
import { ThermometerProtocol } from '../docs/thermometer-dxe.fixture.ts';
import { Thermometer } from '../docs/thermometer.fixture.ts';

const NumberProtocol = defineProtocol<{ readonly value: number }>(
  'Number',
  '00000000-0000-4000-8000-0000000000a1',
);
const SquareProtocol = defineProtocol<{ readonly value: number }>(
  'Square',
  '00000000-0000-4000-8000-0000000000a2',
);
type Options = DeviceDriverOptions<{ readonly value: number }, { readonly value: number }>;

/** A firmware with a driver that squares numbers, one number, and a log of what was done. */
function squareWorld(profile: (typeof PROFILES)[number], changes: Partial<Options> = {}) {
  const log: string[] = [];
  const squareDxe: DxeModule = {
    name: 'SquareDxe',
    fileGuid: '00000000-0000-4000-8000-0000000000a3',
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint: (imageHandle, { bootServices }) =>
      installDeviceDriver(imageHandle, bootServices, {
        driverName: 'Square',
        consumes: NumberProtocol,
        produces: SquareProtocol,
        start({ value }, unwind) {
          log.push('start');
          unwind.push(() => log.push('undo first'));
          unwind.push(() => log.push('undo second'));
          return { value: value * value };
        },
        ...changes,
      }),
  };
  const { platform } = createEmulatedMachine({ memory: 16 * 2 ** 20 });
  const core = createDxeCore(platform, { modules: [squareDxe], quirks: new Quirks(profile) });
  core.dispatch();
  const bs = core.systemTable.bootServices;
  const controller = bs.installProtocolInterface(undefined, NumberProtocol, { value: 7 });
  return { core, bs, controller, log };
}

function statusOf(body: () => unknown): EfiStatus | undefined {
  try {
    body();
  } catch (caught) {
    return efiStatusOf(caught);
  }
  return 'EFI_SUCCESS';
}

describe.each(PROFILES)('installDeviceDriver (UEFI §11.1), %s', (profile) => {
  test('starts, and stops in the opposite order', () => {
    const { bs, controller, log } = squareWorld(profile);
    bs.connectController(controller);
    expect(bs.handleProtocol(controller, SquareProtocol).value).toBe(49);
    bs.disconnectController(controller);
    expect(statusOf(() => bs.handleProtocol(controller, SquareProtocol))).toBe('EFI_UNSUPPORTED');
    expect(log).toEqual(['start', 'undo second', 'undo first']);
    const opens = bs.openProtocolInformation(controller, NumberProtocol);
    expect(opens.filter(({ attributes }) => attributes === 0x10)).toEqual([]);
    bs.connectController(controller);
    expect(bs.handleProtocol(controller, SquareProtocol).value).toBe(49);
  });

  test('has the version of an independent vendor, or its own', () => {
    const versions = [{}, { version: 0xa }].map((changes) => {
      const { core } = squareWorld(profile, changes);
      const binding = core
        .handles()
        .flatMap(({ protocols }) => protocols)
        .find(({ name }) => name === 'DriverBinding')?.interface;
      return binding;
    });
    expect(versions).toMatchObject([{ version: 0x10 }, { version: 0xa }]);
  });

  test('leaves alone what does not match, or cannot be asked', () => {
    for (const matches of [
      () => false,
      () => {
        throw new EfiError('EFI_DEVICE_ERROR', 'no answer');
      },
    ]) {
      const { bs, controller, log } = squareWorld(profile, { matches });
      expect(statusOf(() => bs.connectController(controller))).toBe('EFI_NOT_FOUND');
      expect(log).toEqual([]);
    }
  });

  test('a bug in `matches` is no status', () => {
    const matches = () => {
      throw new TypeError('a bug');
    };
    const { bs, controller } = squareWorld(profile, { matches });
    expect(() => bs.connectController(controller)).toThrow('a bug');
  });

  test('a start that fails leaves nothing behind', () => {
    const undone: string[] = [];
    const start: Options['start'] = (_number, unwind) => {
      unwind.push(() => undone.push('undone'));
      throw new EfiError('EFI_OUT_OF_RESOURCES', 'no more squares');
    };
    const { core, bs, controller } = squareWorld(profile, { start });
    expect(statusOf(() => bs.connectController(controller))).toBe('EFI_NOT_FOUND');
    expect(undone).toEqual(['undone']);
    expect(core.startFailures()).toMatchObject([{ error: { status: 'EFI_OUT_OF_RESOURCES' } }]);
    const opens = bs.openProtocolInformation(controller, NumberProtocol);
    expect(opens.filter(({ attributes }) => attributes === 0x10)).toEqual([]);
  });

  test('ExitBootServices reaches what runs, and only that', () => {
    const ended: number[] = [];
    const exitBootServices: Options['exitBootServices'] = ({ value }) => void ended.push(value);
    const { core, bs, controller } = squareWorld(profile, { exitBootServices });
    const other = bs.installProtocolInterface(undefined, NumberProtocol, { value: 3 });
    bs.connectController(controller);
    bs.connectController(other);
    bs.disconnectController(controller);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(ended).toEqual([9]);
  });
});

test('the thermometer of the documentation measures, and leaves nothing behind', () => {
  const device = customDevice({ slot: '02.0', device: () => new Thermometer(21.5) });
  const lab = createLab({ devices: [device], drivers: [thermometerShortDxe] });
  const controller = lab.connect('PciRoot(0x0)/Pci(0x2,0x0)');
  expect(controller.open(ThermometerProtocol).measure()).toBe(21.5);
  expect(lab.findings).toEqual([]);
  expect(lab.disconnect().leaks).toEqual([]);
});
