import type { EfiDriverHealth, EfiDriverHealthStatus, EfiHandle } from '@dxelab/uefi';
import {
  defineProtocol,
  DriverHealthProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import {
  efiLibInstallDriverBindingComponentName2,
  installDeviceDriver,
  PROFILES,
} from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';

const Sick = defineProtocol<object>('Sick', '00000000-0000-4000-8000-0000000000b1');
const Cured = defineProtocol<object>('Cured', '00000000-0000-4000-8000-0000000000b2');

/** A controller whose driver gives these statuses, one at each question, and what was done to it. */
function patient(statuses: EfiDriverHealthStatus[], repairFails = false) {
  const log: string[] = [];
  const sickDxe: DxeModule = {
    name: 'SickDxe',
    fileGuid: '00000000-0000-4000-8000-0000000000b3',
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint(imageHandle, { bootServices: bs }) {
      const controller = bs.installProtocolInterface(undefined, Sick, {});
      installDeviceDriver(imageHandle, bs, {
        driverName: 'Sick Driver',
        consumes: Sick,
        produces: Cured,
        start(_sick, unwind) {
          log.push('start');
          unwind.push(() => log.push('stop'));
          return {};
        },
      });
      const isOurs = (handle: EfiHandle | undefined) => handle === controller;
      const health: EfiDriverHealth = {
        getHealthStatus(handle, child) {
          const [next = 'EfiDriverHealthStatusHealthy'] = statuses;
          if (handle === undefined) return { status: next, messages: [] };
          if (!isOurs(handle) || child !== undefined)
            throw new EfiError('EFI_UNSUPPORTED', 'not of this driver');
          return { status: statuses.shift() ?? next, messages: [] };
        },
        repair(handle) {
          log.push(`repair ${isOurs(handle)}`);
          if (repairFails) throw new EfiError('EFI_DEVICE_ERROR', 'beyond repair');
        },
      };
      bs.installProtocolInterface(imageHandle, DriverHealthProtocol, health);
      bs.connectController(controller);
      log.length = 0;
    },
  };
  return { sickDxe, log };
}

function boot(
  profile: (typeof PROFILES)[number],
  statuses: EfiDriverHealthStatus[],
  repairFails = false,
) {
  const { sickDxe, log } = patient(statuses, repairFails);
  const world = new BootWorld({ profile, drivers: [sickDxe] });
  const { kind } = world.boot();
  return { world, log, kind };
}

describe.each(PROFILES)('EFI_DRIVER_HEALTH_PROTOCOL before a boot (UEFI §11.10), %s', (profile) => {
  test('the healthy are left alone', () => {
    expect(boot(profile, []).log).toEqual([]);
  });

  test('RepairRequired is repaired, until it is well', () => {
    const need = 'EfiDriverHealthStatusRepairRequired';
    expect(boot(profile, [need, need]).log).toEqual(['repair true', 'repair true']);
  });

  test('ReconnectRequired is disconnected and connected', () => {
    const { log } = boot(profile, ['EfiDriverHealthStatusReconnectRequired']);
    expect(log).toEqual(['stop', 'start']);
  });

  test('RebootRequired resets the machine', () => {
    expect(boot(profile, ['EfiDriverHealthStatusRebootRequired']).kind).toBe('reset');
  });

  test('what has failed does not keep the machine from booting', () => {
    const { world, kind } = boot(profile, ['EfiDriverHealthStatusFailed']);
    expect(kind).toBe('handed-over');
    const lines = world.debug.map(({ message }) => message);
    expect(lines).toContainEqual(expect.stringContaining('nothing can be done'));
  });

  test('a repair that never helps is given up', () => {
    const always = Array.from(
      { length: 100 },
      () => 'EfiDriverHealthStatusRepairRequired' as const,
    );
    const { log, kind } = boot(profile, always, true);
    expect(kind).toBe('handed-over');
    expect(log.length).toBeLessThan(50);
  });

  test('children are asked for, too, and what one needs is done for it', () => {
    const log: string[] = [];
    const busDxe: DxeModule = {
      name: 'BusDxe',
      fileGuid: '00000000-0000-4000-8000-0000000000b4',
      moduleType: 'DXE_DRIVER',
      depex: { op: 'TRUE' },
      entryPoint(imageHandle, { bootServices: bs }) {
        const bus = bs.installProtocolInterface(undefined, Sick, {});
        const children = [1, 2].map(() => bs.installProtocolInterface(undefined, Cured, {}));
        let isSick = true;
        const health: EfiDriverHealth = {
          getHealthStatus(controller, child) {
            const need = 'EfiDriverHealthStatusRepairRequired';
            if (controller === undefined) return { status: need, messages: [] };
            const isOurs = controller === bus && (child === undefined || children.includes(child));
            if (!isOurs) throw new EfiError('EFI_UNSUPPORTED', 'not of this driver');
            const status = child === children[1] && isSick ? need : 'EfiDriverHealthStatusHealthy';
            return { status, messages: [] };
          },
          repair(controller, child) {
            log.push(`repair ${controller === bus} ${child === children[1]}`);
            isSick = false;
          },
        };
        bs.installProtocolInterface(imageHandle, DriverHealthProtocol, health);
      },
    };
    new BootWorld({ profile, drivers: [busDxe] }).boot();
    expect(log).toEqual(['repair true true']);
  });

  test('what cannot be disconnected resets the machine', () => {
    const stubbornDxe: DxeModule = {
      name: 'StubbornDxe',
      fileGuid: '00000000-0000-4000-8000-0000000000b5',
      moduleType: 'DXE_DRIVER',
      depex: { op: 'TRUE' },
      entryPoint(imageHandle, { bootServices: bs }) {
        const controller = bs.installProtocolInterface(undefined, Sick, {});
        efiLibInstallDriverBindingComponentName2(bs, imageHandle, 'Stubborn', (agent) => ({
          version: 0x10,
          supported: (handle) => (handle === controller ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED'),
          start(handle) {
            bs.openProtocol(handle, Sick, agent, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
          },
          stop() {
            throw new EfiError('EFI_DEVICE_ERROR', 'it does not let go');
          },
        }));
        bs.installProtocolInterface(imageHandle, DriverHealthProtocol, {
          getHealthStatus(handle, child) {
            const isOurs = handle === undefined || (handle === controller && child === undefined);
            if (!isOurs) throw new EfiError('EFI_UNSUPPORTED', 'not of this driver');
            return { status: 'EfiDriverHealthStatusReconnectRequired', messages: [] };
          },
          repair() {},
        });
        bs.connectController(controller);
      },
    };
    expect(new BootWorld({ profile, drivers: [stubbornDxe] }).boot().kind).toBe('reset');
  });
});
