import type { DxeCore, HandleSnapshot, ProtocolSnapshot } from '@dxelab/dxe-core';
import type { EfiComponentName2, EfiHandle } from '@dxelab/uefi';
import {
  ComponentName2Protocol,
  convertDevicePathToText,
  DevicePathProtocol,
  DriverBindingProtocol,
  DriverSupportedEfiVersionProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  isEfiFailure,
} from '@dxelab/uefi';
import type { NegotiationWatch } from '../boot/negotiation-watch.ts';
import type { ReportedHandle } from './boot-report.ts';

/**
 * The handle database as a report shows it.
 * @param negotiations what drivers have agreed on with their devices; absent: not told
 */
export function deviceTree(
  core: Pick<DxeCore, 'handles' | 'images' | 'nameOf'>,
  negotiations?: Pick<NegotiationWatch, 'of'>,
): ReportedHandle[] {
  const images = new Map(core.images().map(({ handle, name }) => [handle, name]));
  const handles = core.handles();
  const drivers = new Map(handles.map(({ handle, protocols }) => [handle, imageOf(protocols)]));
  const nameOf = (handle: EfiHandle): string =>
    core.nameOf(drivers.get(handle) ?? handle) ?? `handle ${handle.number}`;
  return handles.map(({ handle, protocols }) => ({
    number: handle.number,
    devicePath: devicePathOf(protocols),
    image: images.get(handle),
    driverName: driverNameOf(protocols),
    efiVersion: efiVersionOf(protocols),
    protocols: protocols.map(({ name }) => name),
    guids: protocols.map(({ guid }) => guid),
    drivers: [...new Set(agents(protocols).map(nameOf))],
    virtio: negotiations?.of(handle.number),
    children: children(protocols),
  }));
}

/** Whose driver binding is on a handle: a driver with several has a handle for each. */
function imageOf(protocols: readonly ProtocolSnapshot[]): EfiHandle | undefined {
  const binding = protocols.find(({ guid }) => guid === DriverBindingProtocol.guid)?.interface;
  const isBinding = typeof binding === 'object' && binding !== null && 'imageHandle' in binding;
  return isBinding && isHandle(binding.imageHandle) ? binding.imageHandle : undefined;
}

function isHandle(value: unknown): value is EfiHandle {
  return typeof value === 'object' && value !== null && 'number' in value;
}

/** The text of the device path on a handle. */
export function devicePathOf(protocols: readonly ProtocolSnapshot[]): string | undefined {
  const installed = protocols.find(({ guid }) => guid === DevicePathProtocol.guid)?.interface;
  if (!(installed instanceof Uint8Array)) return undefined;
  try {
    return convertDevicePathToText(installed);
  } catch (caught) {
    // A driver can install anything as a device path, and the report must still come.
    if (isEfiFailure(caught)) return `(malformed: ${caught.message})`;
    throw caught;
  }
}

/** The driver's own name, if it has one in English and can tell it now that the machine is off. */
function driverNameOf(protocols: readonly ProtocolSnapshot[]): string | undefined {
  const installed = protocols.find(({ guid }) => guid === ComponentName2Protocol.guid)?.interface;
  if (!isComponentName2(installed)) return undefined;
  try {
    const name: unknown = installed.getDriverName('en');
    return typeof name === 'string' ? name : undefined;
  } catch {
    // Whatever a driver does here, be it a bug or an access to the machine that was: the report must come.
    return undefined;
  }
}

/** As a table's revision has it: the minor version in two decimal digits (UEFI §4.2, §11.7). */
function efiVersionOf(protocols: readonly ProtocolSnapshot[]): string | undefined {
  const { guid: wanted } = DriverSupportedEfiVersionProtocol;
  const installed = protocols.find(({ guid }) => guid === wanted)?.interface;
  if (typeof installed !== 'object' || installed === null) return undefined;
  if (!('firmwareVersion' in installed)) return undefined;
  const { firmwareVersion: revision } = installed;
  if (typeof revision !== 'number') return undefined;
  const [minor, digit] = [Math.floor((revision & 0xffff) / 10), (revision & 0xffff) % 10];
  return `${revision >>> 16}.${minor}${digit === 0 ? '' : `.${digit}`}`;
}

function isComponentName2(value: unknown): value is Pick<EfiComponentName2, 'getDriverName'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'getDriverName' in value &&
    typeof value.getDriverName === 'function'
  );
}

function agents(protocols: HandleSnapshot['protocols']): readonly EfiHandle[] {
  return protocols.flatMap(({ opens }) =>
    opens.flatMap(({ attributes, agentHandle }) =>
      (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) === 0 ? [] : (agentHandle ?? []),
    ),
  );
}

function children(protocols: HandleSnapshot['protocols']): readonly number[] {
  const numbers = protocols.flatMap(({ opens }) =>
    opens.flatMap(({ attributes, controllerHandle }) =>
      (attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) === 0
        ? []
        : (controllerHandle?.number ?? []),
    ),
  );
  return [...new Set(numbers)].toSorted((left, right) => left - right);
}
