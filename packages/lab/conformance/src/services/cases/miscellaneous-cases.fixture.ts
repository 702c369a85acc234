import {
  EfiError,
  guid,
  MonotonicCounterArchProtocol,
  WatchdogTimerArchProtocol,
} from '@dxelab/uefi';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const TABLE = guid('12345678-1234-1234-1234-123456789abc');

function broken(): never {
  throw new EfiError('EFI_DEVICE_ERROR', 'the device does not answer');
}

const BROKEN_COUNTER = { getNextMonotonicCount: broken, getNextHighMonotonicCount: broken };

/** Miscellaneous boot services (UEFI §7.5), and the monotonic count at runtime (§8.5.2). */
export const MISCELLANEOUS_CASES: readonly StatusCase[] = [
  ...casesOf('SetWatchdogTimer', [
    {
      status: 'EFI_SUCCESS',
      how: 'five minutes',
      provoke: ({ bs, core }) => {
        core.dispatch();
        bs.setWatchdogTimer(300, 0x10000n);
      },
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'a watchdog whose timer cannot be programmed',
      provoke: ({ bs }) => {
        bs.installProtocolInterface(undefined, WatchdogTimerArchProtocol, {
          registerHandler: broken,
          setTimerPeriod: broken,
          getTimerPeriod: broken,
        });
        bs.setWatchdogTimer(300, 0x10000n);
      },
    },
  ]),
  ...casesOf('GetNextMonotonicCount', [
    {
      status: 'EFI_SUCCESS',
      how: 'a counter that works',
      provoke: ({ bs }) => {
        bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, {
          getNextMonotonicCount: () => 1n,
          getNextHighMonotonicCount: () => 1,
        });
        return bs.getNextMonotonicCount();
      },
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'a counter that does not',
      provoke: ({ bs }) => {
        bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, BROKEN_COUNTER);
        return bs.getNextMonotonicCount();
      },
    },
  ]),
  ...casesOf('GetNextHighMonotonicCount', [
    {
      status: 'EFI_SUCCESS',
      how: 'a counter that works',
      provoke: ({ bs, rt }) => {
        bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, {
          getNextMonotonicCount: () => 1n,
          getNextHighMonotonicCount: () => 1,
        });
        return rt.getNextHighMonotonicCount();
      },
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'a counter that does not',
      provoke: ({ bs, rt }) => {
        bs.installProtocolInterface(undefined, MonotonicCounterArchProtocol, BROKEN_COUNTER);
        return rt.getNextHighMonotonicCount();
      },
    },
  ]),
  ...casesOf('InstallConfigurationTable', [
    {
      status: 'EFI_SUCCESS',
      how: 'a table',
      provoke: ({ bs }) => bs.installConfigurationTable(TABLE, {}),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'to remove a table that is not there',
      provoke: ({ bs }) => bs.installConfigurationTable(TABLE, undefined),
    },
  ]),
  ...casesOf('CalculateCrc32', [
    {
      status: 'EFI_SUCCESS',
      how: 'a byte',
      provoke: ({ bs }) => bs.calculateCrc32(Uint8Array.of(1)),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'no bytes',
      provoke: ({ bs }) => bs.calculateCrc32(new Uint8Array(0)),
    },
  ]),
];

export const MISCELLANEOUS_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'SetWatchdogTimer', status: 'EFI_INVALID_PARAMETER', why: 'codes' },
  { service: 'SetWatchdogTimer', status: 'EFI_UNSUPPORTED', why: 'not-yet' },
  { service: 'GetNextMonotonicCount', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'InstallConfigurationTable', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'InstallConfigurationTable', status: 'EFI_OUT_OF_RESOURCES', why: 'records' },
  { service: 'GetNextHighMonotonicCount', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'GetNextHighMonotonicCount', status: 'EFI_UNSUPPORTED', why: 'rt-properties' },
];
