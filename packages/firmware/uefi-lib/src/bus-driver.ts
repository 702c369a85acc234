import type { EfiBootServices, EfiHandle, Protocol, ProtocolInterface } from '@dxelab/uefi';
import {
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  isEfiError,
  isEfiFailure,
} from '@dxelab/uefi';
import type { Unwind } from './unwind.ts';
import { unwinding } from './unwind.ts';

/** What a bus driver has open of its controller: for itself, and for each child (UEFI §2.5.5). */
export interface BusParent {
  /** The driver binding handle. */
  readonly agent: EfiHandle;
  readonly controller: EfiHandle;
  readonly protocol: Protocol<unknown>;
}

/**
 * Opens a protocol of the controller BY_DRIVER; an earlier Start may have done so already.
 * @param unwind is told how to close what this call has opened
 * @throws EFI_UNSUPPORTED if the controller has it not, EFI_ACCESS_DENIED
 */
export function openParent<Interface>(
  bs: Pick<EfiBootServices, 'tryOpenProtocol' | 'closeProtocol'>,
  { agent, controller }: Pick<BusParent, 'agent' | 'controller'>,
  protocol: Protocol<Interface>,
  unwind: Unwind,
): Interface {
  const attributes = EFI_OPEN_PROTOCOL_BY_DRIVER;
  const opened = bs.tryOpenProtocol(controller, protocol, agent, controller, attributes);
  if (opened.status === 'EFI_SUCCESS') {
    unwind.push(() => bs.closeProtocol(controller, protocol, agent, controller));
  }
  if (opened.interface !== undefined) return opened.interface;
  const status = isEfiError(opened.status) ? opened.status : 'EFI_UNSUPPORTED';
  throw new EfiError(status, `the controller has no ${protocol.name} to open`);
}

/**
 * Makes a handle for a child, and ties it to its controller.
 * @throws EFI_ALREADY_STARTED if the device path has a handle already, EFI_OUT_OF_RESOURCES; nothing is
 *   left then
 */
export function installChild(
  bs: EfiBootServices,
  parent: BusParent,
  interfaces: readonly ProtocolInterface[],
): EfiHandle {
  return unwinding((unwind) => {
    const child = bs.installMultipleProtocolInterfaces(undefined, ...interfaces);
    unwind.push(() => bs.uninstallMultipleProtocolInterfaces(child, ...interfaces));
    openForChild(bs, parent, child);
    return child;
  });
}

/**
 * Takes a child's handle away.
 * @throws what UninstallMultipleProtocolInterfaces throws if someone holds on to it: all is as it was
 */
export function removeChild(
  bs: EfiBootServices,
  parent: BusParent,
  child: EfiHandle,
  interfaces: readonly ProtocolInterface[],
): void {
  bs.closeProtocol(parent.controller, parent.protocol, parent.agent, child);
  try {
    bs.uninstallMultipleProtocolInterfaces(child, ...interfaces);
  } catch (caught) {
    if (isEfiFailure(caught)) openForChild(bs, parent, child);
    throw caught;
  }
}

/** Whether a controller has children, whoever's they are: Stop without a list must not leave any. */
export function hasChildren(
  bs: Pick<EfiBootServices, 'openProtocolInformation'>,
  { controller, protocol }: Pick<BusParent, 'controller' | 'protocol'>,
): boolean {
  return bs
    .openProtocolInformation(controller, protocol)
    .some(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) !== 0);
}

/**
 * Stops each child of a list: one that does not let go keeps no other from it.
 * @param what they are, for the message: `partitions`
 * @param stop throws an EfiError for a child that stays
 * @throws EFI_DEVICE_ERROR if any stays
 */
export function stopChildren<Child>(
  children: readonly Child[],
  what: string,
  stop: (child: Child) => void,
): void {
  const failures: EfiError[] = [];
  for (const child of children) {
    try {
      stop(child);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      failures.push(caught);
    }
  }
  if (failures.length === 0) return;
  const message = `${failures.length} ${what} are not stopped`;
  throw new EfiError('EFI_DEVICE_ERROR', message, { cause: failures[0] });
}

function openForChild(
  bs: EfiBootServices,
  { controller, protocol, agent }: BusParent,
  child: EfiHandle,
): void {
  const attributes = EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
  bs.openProtocol(controller, protocol, agent, child, attributes);
}
