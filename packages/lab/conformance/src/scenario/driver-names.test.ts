import {
  ComponentName2Protocol,
  defineProtocol,
  DriverSupportedEfiVersionProtocol,
} from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { bootLive, driver } from './live.fixture.ts';

/** The same protocol to all but the compiler: a driver can install anything. */
const AnyName = defineProtocol<object>('ComponentName2', ComponentName2Protocol.guid);

/** What the handle of an image is called in the report of a boot with this on it. */
function nameIn(componentName: object): string | undefined {
  const named = driver('Named', ({ bootServices }, _libraries, imageHandle) => {
    bootServices.installProtocolInterface(imageHandle, AnyName, componentName);
  });
  const { handles } = bootLive({
    machine: { memory: '64 MiB' },
    firmware: { drivers: ['ovmf', named] },
    steps: [{ connect: 'all' }],
  });
  return handles.find(({ image }) => image === 'Named')?.driverName;
}

test('a report has the names that drivers give themselves (UEFI §11.5)', () => {
  const { handles } = bootLive({ machine: { memory: '64 MiB' }, steps: [{ connect: 'all' }] });
  expect(handles.find(({ image }) => image === 'FatDxe')?.driverName).toBe(
    'FAT File System Driver',
  );
  expect(handles.find(({ image }) => image === 'SerialDxe')?.driverName).toBeUndefined();
});

test('a driver that cannot tell its name does not spoil the report', () => {
  const fails = (): never => {
    throw new TypeError('a bug');
  };
  expect(nameIn({ getDriverName: fails })).toBeUndefined();
  expect(nameIn({})).toBeUndefined();
  expect(nameIn({ getDriverName: () => 'Named Driver' })).toBe('Named Driver');
});

test.each([
  [(2 << 16) | 110, '2.11'],
  [(2 << 16) | 31, '2.3.1'],
  [(1 << 16) | 10, '1.1'],
])('and the UEFI that a driver is for (§11.7): %d is %s', (firmwareVersion, text) => {
  const versioned = driver('Versioned', ({ bootServices }, _libraries, imageHandle) => {
    const protocol = DriverSupportedEfiVersionProtocol;
    bootServices.installProtocolInterface(imageHandle, protocol, { firmwareVersion });
  });
  const { handles } = bootLive({
    machine: { memory: '64 MiB' },
    firmware: { drivers: ['ovmf', versioned] },
    steps: [{ connect: 'all' }],
  });
  expect(handles.find(({ image }) => image === 'Versioned')?.efiVersion).toBe(text);
});
