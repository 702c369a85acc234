import type {
  DevicePath,
  DevicePathNode,
  EfiBootServices,
  EfiHandle,
  EfiStatus,
  ProtocolInterface,
  ScsiAddress,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EfiError,
  ExtScsiPassThruProtocol,
  ScsiIoProtocol,
  appendDevicePathNode,
  devicePathNodes,
  efiStatusOf,
  isDevicePathEnd,
  isEfiFailure,
  protocolInterface,
} from '@dxelab/uefi';
import type { BusParent, DriverBindingBody, Unwind } from '@dxelab/uefi-lib';
import { hasChildren, installChild, removeChild, stopChildren, unwinding } from '@dxelab/uefi-lib';
import { inquire } from './inquire.ts';
import { everyAddress, reportedAddresses } from './scan.ts';
import type { ScsiBusQuirks } from './scsi-bus-quirks.ts';
import type { ScsiChannel } from './scsi-channel.ts';
import { closeScsiChannel, openScsiChannel } from './scsi-channel.ts';
import { ScsiIo } from './scsi-io.ts';

/**
 * The binding of a bus driver: EFI_EXT_SCSI_PASS_THRU_PROTOCOL and the device path of a channel below,
 * a handle for each logical unit above (MdeModulePkg/Bus/Scsi/ScsiBusDxe/ScsiBus.c).
 */
export class ScsiBusDriver implements DriverBindingBody {
  readonly version: number = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #quirks: ScsiBusQuirks;
  /** What stands on each. */
  readonly #children = new Map<EfiHandle, readonly ProtocolInterface[]>();

  constructor(bs: EfiBootServices, agent: EfiHandle, quirks: ScsiBusQuirks) {
    this.#bs = bs;
    this.#agent = agent;
    this.#quirks = quirks;
  }

  supported(controller: EfiHandle, remaining?: DevicePath): EfiStatus {
    const opened = this.#bs.tryOpenProtocol(
      controller,
      ExtScsiPassThruProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    // Started already: it may be asked for more children.
    if (opened.status === 'EFI_ALREADY_STARTED') return 'EFI_SUCCESS';
    if (opened.interface === undefined) return opened.status;
    try {
      if (remaining !== undefined && !isDevicePathEnd(remaining)) {
        opened.interface.getTargetLun(firstNode(remaining));
      }
      return 'EFI_SUCCESS';
    } catch (caught) {
      return efiStatusOf(caught);
    } finally {
      this.#bs.closeProtocol(controller, ExtScsiPassThruProtocol, this.#agent, controller);
    }
  }

  start(controller: EfiHandle, remaining?: DevicePath): void {
    unwinding((unwind) => {
      const channel = openScsiChannel(this.#bs, this.#agent, controller, unwind);
      if (remaining === undefined) {
        for (const address of this.#scan(channel)) {
          this.#makeChild(controller, channel, address, unwind);
        }
      } else if (!isDevicePathEnd(remaining)) {
        const address = channel.passThru.getTargetLun(firstNode(remaining));
        const isThere = this.#makeChild(controller, channel, address, unwind);
        if (isThere || this.#quirks.missingChildForgiven) return;
        throw new EfiError('EFI_NOT_FOUND', `there is no device at LUN ${address.lun}`);
      }
    });
  }

  stop(controller: EfiHandle, children: readonly EfiHandle[]): void {
    if (children.length === 0) {
      if (hasChildren(this.#bs, this.#parent(controller))) {
        throw new EfiError('EFI_DEVICE_ERROR', 'the channel still has logical units');
      }
      closeScsiChannel(this.#bs, this.#agent, controller);
      return;
    }
    stopChildren(children, 'logical units', (handle) => this.#stopChild(controller, handle));
  }

  #scan({ passThru }: ScsiChannel): Iterable<ScsiAddress> {
    return this.#quirks.probesEveryLun ? everyAddress(passThru) : reportedAddresses(passThru);
  }

  /**
   * @param unwind takes the child away if Start fails later
   * @returns whether there is a device, with a handle now or before
   * @throws EFI_OUT_OF_RESOURCES; what else goes wrong concerns this one device
   */
  #makeChild(
    controller: EfiHandle,
    { passThru, devicePath }: ScsiChannel,
    address: ScsiAddress,
    unwind: Unwind,
  ): boolean {
    if (isAdapter(address, passThru.mode.adapterId)) return false;
    try {
      const path = appendDevicePathNode(devicePath, passThru.buildDevicePath(address));
      if (this.#isStarted(path)) return true;
      const inquiry = inquire(passThru, address, this.#quirks.inquiryStatusIgnored);
      if (inquiry === undefined) return false;
      const { signalsIgnoredEvent } = this.#quirks;
      const scsiIo = new ScsiIo(
        passThru,
        address,
        inquiry.deviceType,
        this.#bs,
        signalsIgnoredEvent,
      );
      const interfaces = [
        protocolInterface(DevicePathProtocol, path),
        protocolInterface(ScsiIoProtocol, scsiIo),
      ];
      const child = installChild(this.#bs, this.#parent(controller), interfaces);
      this.#children.set(child, interfaces);
      unwind.push(() => this.#stopChild(controller, child));
      return true;
    } catch (caught) {
      if (efiStatusOf(caught) === 'EFI_OUT_OF_RESOURCES') throw caught;
      return false;
    }
  }

  #isStarted(path: DevicePath): boolean {
    try {
      return isDevicePathEnd(this.#bs.locateDevicePath(DevicePathProtocol, path).remaining);
    } catch (caught) {
      if (isEfiFailure(caught)) return false;
      throw caught;
    }
  }

  /** @throws EFI_DEVICE_ERROR for a stranger; what `removeChild` throws */
  #stopChild(controller: EfiHandle, child: EfiHandle): void {
    const interfaces = this.#children.get(child);
    if (interfaces === undefined) {
      throw new EfiError('EFI_DEVICE_ERROR', 'the handle is no logical unit of this driver');
    }
    removeChild(this.#bs, this.#parent(controller), child, interfaces);
    this.#children.delete(child);
  }

  #parent(controller: EfiHandle): BusParent {
    return { agent: this.#agent, controller, protocol: ExtScsiPassThruProtocol };
  }
}

/** The node that names a child. @throws EFI_INVALID_PARAMETER for a malformed path */
function firstNode(remaining: DevicePath): DevicePathNode {
  const [node] = devicePathNodes(remaining);
  if (node !== undefined) return node;
  throw new EfiError('EFI_INVALID_PARAMETER', 'the remaining device path has no node');
}

/** Whether it is the host adapter itself, whose id has 32 bits (UEFI §15.7.1). */
function isAdapter({ target }: ScsiAddress, adapterId: number): boolean {
  const id = new DataView(target.buffer, target.byteOffset, target.byteLength).getUint32(0, true);
  return id === adapterId;
}
