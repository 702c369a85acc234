import type { DevicePath, EfiBootServices, EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import {
  appendDevicePathInstance,
  ConsoleInDeviceProtocol,
  ConsoleOutDeviceProtocol,
  devicePath,
  DevicePathProtocol,
  devicePathInstances,
  devicePathsEqual,
  EFI_VT_UTF8_GUID,
  efiStatusOf,
  guid,
  isDevicePathEnd,
  isDevicePathValid,
  isEfiFailure,
  NoParity,
  OneStopBit,
  StandardErrorDeviceProtocol,
  uartNode,
  vendorHardwareNode,
  vendorMessagingNode,
} from '@dxelab/uefi';
import { connect, connectDevicePath, handlesWith } from '../connect.ts';
import type { ConnectServices } from '../connect.ts';
import { pathOf } from '../opened.ts';
import type { VariableAccess } from '../variables/global-variables.ts';
import { readGlobal, writeLastingGlobal } from '../variables/global-variables.ts';

/** What a console is for: each has a variable (UEFI §3.3), and a mark by which ConPlatformDxe says which devices it has. */
const CONSOLES = [
  { variable: 'ConIn', mark: ConsoleInDeviceProtocol },
  { variable: 'ConOut', mark: ConsoleOutDeviceProtocol },
  { variable: 'ErrOut', mark: StandardErrorDeviceProtocol },
] as const;
type ConsoleVariable = (typeof CONSOLES)[number]['variable'];

/**
 * The terminal on the serial port, which is the platform's console. OVMF's PlatformData.c has its own there, on
 * the ISA bridge, and of the type VenPcAnsi().
 */
const SERIAL_CONSOLE: DevicePath = devicePath(
  vendorHardwareNode(guid('d3987d4b-971a-435f-8caf-4967eb627241')),
  uartNode(115_200, 8, NoParity, OneStopBit),
  vendorMessagingNode(EFI_VT_UTF8_GUID),
);

/** Where nobody has chosen a console, it is the platform's (PlatformBootManagerLib: PlatformInitializeConsole). */
export function choosePlatformConsoles(rs: VariableAccess): void {
  for (const { variable: name } of CONSOLES) {
    if (chosenConsoles(rs, name) === undefined) writeLastingGlobal(rs, name, SERIAL_CONSOLE);
  }
}

/**
 * EfiBootManagerConnectAllDefaultConsoles: connects what ConIn, ConOut and ErrOut name. Where none of it is there, as with
 * the variables of another machine, the platform's console is added: a machine without one tells nobody why.
 */
export function connectDefaultConsoles({
  bootServices: bs,
  runtimeServices: rs,
}: EfiSystemTable): void {
  for (const { variable: name } of CONSOLES) {
    const chosen = chosenConsoles(rs, name) ?? [];
    for (const path of chosen) connectDevicePath(bs, path);
    if (chosen.some((path) => deviceAt(bs, path) !== undefined)) continue;
    connectDevicePath(bs, SERIAL_CONSOLE);
    const paths = [...chosen, SERIAL_CONSOLE].reduce<DevicePath | undefined>(
      appendDevicePathInstance,
      undefined,
    );
    if (paths !== undefined) writeLastingGlobal(rs, name, paths);
  }
  // only now: what a device is for is decided when it is connected
  const devices = reconsider(bs, rs);
  for (const { variable: name } of CONSOLES) {
    for (const path of chosenConsoles(rs, name) ?? []) {
      const device = deviceAt(bs, path);
      if (device === undefined || devices.has(device)) continue;
      devices.add(device);
      connect(bs, device, false);
    }
  }
}

/**
 * Devices that became consoles before there were variables, and are not what they say, are to be asked for again.
 * @returns those that are consoles by now
 */
function reconsider(bs: EfiBootServices, rs: VariableAccess): Set<EfiHandle> {
  const consoles = CONSOLES.map(({ variable, mark }) => ({
    chosen: chosenConsoles(rs, variable),
    devices: new Set(handlesWith(bs, mark)),
  }));
  const all = new Set(consoles.flatMap(({ devices }) => [...devices]));
  for (const handle of all) {
    const path = pathOf(bs, handle);
    const isRight = consoles.every(
      ({ chosen, devices }) =>
        chosen === undefined ||
        path === undefined ||
        devices.has(handle) === chosen.some((one) => devicePathsEqual(one, path)),
    );
    if (!isRight) connectAnew(bs, handle);
  }
  return all;
}

function connectAnew(bs: EfiBootServices, handle: EfiHandle): void {
  try {
    bs.disconnectController(handle);
  } catch (caught) {
    // a driver that does not let go of it keeps it as it is
    if (!isEfiFailure(caught)) throw caught;
  }
  connect(bs, handle, false);
}

function chosenConsoles(
  rs: VariableAccess,
  name: ConsoleVariable,
): readonly DevicePath[] | undefined {
  const path = readGlobal(rs, name);
  return path !== undefined && isDevicePathValid(path) ? devicePathInstances(path) : undefined;
}

/** The device that a path leads to; `undefined` if there is none. */
function deviceAt(bs: ConnectServices, path: DevicePath): EfiHandle | undefined {
  try {
    const { handle, remaining } = bs.locateDevicePath(DevicePathProtocol, path);
    return isDevicePathEnd(remaining) ? handle : undefined;
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}
