import type { EfiRuntimeServices } from '@dxelab/uefi';
import {
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS,
  guid,
} from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
const BS_RT = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
const NV_BS_RT = BS_RT | EFI_VARIABLE_NON_VOLATILE;
const AUTHENTICATED = NV_BS_RT | EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS;
/** As large as a variable can nearly be. */
const LARGE = 0x8000;

/** Runtime services with a variable of ours, the only one. */
function withVariable({ core, rt }: ServicesWorld): EfiRuntimeServices {
  core.dispatch();
  rt.setVariable('Mine', VENDOR, NV_BS_RT, Uint8Array.of(1));
  return rt;
}

/** Writes one variable after the other, until there is no room. */
function fill(rt: EfiRuntimeServices, attributes: number): void {
  for (let number = 0; number < 100; number += 1) {
    rt.setVariable(`Large${number}`, VENDOR, attributes, new Uint8Array(LARGE));
  }
}

/** Variable services (UEFI §8.2). */
export const VARIABLE_CASES: readonly StatusCase[] = [
  ...casesOf('GetVariable', [
    {
      status: 'EFI_SUCCESS',
      how: 'a variable that is there',
      provoke: (world) => withVariable(world).getVariable('Mine', VENDOR),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'the same name, of another vendor',
      provoke: (world) => withVariable(world).getVariable('Mine', EFI_GLOBAL_VARIABLE),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'one without runtime access, after ExitBootServices',
      provoke: (world) => {
        const rt = withVariable(world);
        const { bs, agent } = world;
        rt.setVariable('Early', VENDOR, EFI_VARIABLE_BOOTSERVICE_ACCESS, Uint8Array.of(1));
        bs.exitBootServices(agent, bs.getMemoryMap().mapKey);
        rt.getVariable('Early', VENDOR);
      },
    },
  ]),
  ...casesOf('GetNextVariableName', [
    {
      status: 'EFI_SUCCESS',
      how: 'the first one',
      provoke: (world) => withVariable(world).getNextVariableName(undefined),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'after the last one',
      provoke: (world) =>
        withVariable(world).getNextVariableName({ name: 'Mine', vendor: VENDOR }) ??
        'EFI_NOT_FOUND',
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'after one that is not there',
      provoke: (world) =>
        withVariable(world).getNextVariableName({ name: 'Yours', vendor: VENDOR }),
    },
  ]),
  ...casesOf('SetVariable', [
    {
      status: 'EFI_SUCCESS',
      how: 'a new one, and another value for it',
      provoke: (world) =>
        withVariable(world).setVariable('Mine', VENDOR, NV_BS_RT, Uint8Array.of(2)),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'without a name',
      provoke: (world) => withVariable(world).setVariable('', VENDOR, NV_BS_RT, Uint8Array.of(1)),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'runtime access without boot service access',
      provoke: (world) =>
        withVariable(world).setVariable(
          'Mine',
          VENDOR,
          EFI_VARIABLE_RUNTIME_ACCESS,
          Uint8Array.of(1),
        ),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'other attributes than it has',
      provoke: (world) => withVariable(world).setVariable('Mine', VENDOR, BS_RT, Uint8Array.of(1)),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'more bytes than a variable can have',
      provoke: (world) =>
        withVariable(world).setVariable('Mine', VENDOR, NV_BS_RT, new Uint8Array(2 * LARGE)),
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'more of them than there is room for',
      provoke: (world) => fill(withVariable(world), NV_BS_RT),
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'more volatile ones than there is room for',
      provoke: (world) => fill(withVariable(world), BS_RT),
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'while the flash fails',
      provoke: (world) => {
        const rt = withVariable(world);
        world.flash.isBroken = true;
        rt.setVariable('Mine', VENDOR, NV_BS_RT, Uint8Array.of(2));
      },
    },
    {
      status: 'EFI_WRITE_PROTECTED',
      how: 'one that only firmware writes: SecureBoot',
      provoke: (world) =>
        withVariable(world).setVariable('SecureBoot', EFI_GLOBAL_VARIABLE, BS_RT, Uint8Array.of(1)),
    },
    {
      status: 'EFI_SECURITY_VIOLATION',
      how: 'an authenticated write without a descriptor',
      profile: 'specification',
      provoke: (world) =>
        withVariable(world).setVariable('Signed', VENDOR, AUTHENTICATED, Uint8Array.of(1)),
    },
    {
      status: 'EFI_NOT_FOUND',
      how: 'to delete one that is not there',
      provoke: (world) =>
        withVariable(world).setVariable('Yours', VENDOR, NV_BS_RT, new Uint8Array(0)),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'with EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS, which is deprecated',
      profile: 'specification',
      provoke: (world) =>
        withVariable(world).setVariable(
          'Signed',
          VENDOR,
          NV_BS_RT | EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS,
          Uint8Array.of(1),
        ),
    },
  ]),
  ...casesOf('QueryVariableInfo', [
    {
      status: 'EFI_SUCCESS',
      how: 'of what lasts',
      provoke: (world) => withVariable(world).queryVariableInfo(NV_BS_RT),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of nothing',
      provoke: (world) => withVariable(world).queryVariableInfo(0),
    },
    {
      status: 'EFI_INVALID_PARAMETER',
      how: 'of what gives no access',
      provoke: (world) => withVariable(world).queryVariableInfo(EFI_VARIABLE_NON_VOLATILE),
    },
    {
      status: 'EFI_UNSUPPORTED',
      how: 'of EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS, which is deprecated',
      provoke: (world) =>
        withVariable(world).queryVariableInfo(NV_BS_RT | EFI_VARIABLE_AUTHENTICATED_WRITE_ACCESS),
    },
  ]),
];

export const VARIABLE_UNPROVOKED: readonly UnprovokedStatus[] = [
  { service: 'GetVariable', status: 'EFI_BUFFER_TOO_SMALL', why: 'C' },
  { service: 'GetVariable', status: 'EFI_INVALID_PARAMETER', why: 'C' },
  { service: 'GetVariable', status: 'EFI_DEVICE_ERROR', why: 'mirror' },
  { service: 'GetVariable', status: 'EFI_SECURITY_VIOLATION', why: 'writes' },
  { service: 'GetVariable', status: 'EFI_UNSUPPORTED', why: 'rt-properties' },
  { service: 'GetNextVariableName', status: 'EFI_BUFFER_TOO_SMALL', why: 'C' },
  { service: 'GetNextVariableName', status: 'EFI_DEVICE_ERROR', why: 'mirror' },
  { service: 'GetNextVariableName', status: 'EFI_UNSUPPORTED', why: 'rt-properties' },
];
