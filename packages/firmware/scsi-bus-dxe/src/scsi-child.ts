import type {
  DevicePath,
  EfiBootServices,
  EfiHandle,
  EfiScsiIo,
  ProtocolInterface,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EfiError,
  ExtScsiPassThruProtocol,
  ScsiIoProtocol,
  isEfiFailure,
  protocolInterface,
} from '@dxelab/uefi';
import { unwinding } from '@dxelab/uefi-lib';

/** The handle of a logical unit, with the open that ties it to its channel. */
export class ScsiChild {
  readonly handle: EfiHandle;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #controller: EfiHandle;
  readonly #interfaces: readonly ProtocolInterface[];

  /**
   * @param agent the driver binding handle
   * @param controller the channel's handle
   * @throws EFI_ALREADY_STARTED if the unit has a handle already, EFI_OUT_OF_RESOURCES
   */
  constructor(
    bs: EfiBootServices,
    agent: EfiHandle,
    controller: EfiHandle,
    devicePath: DevicePath,
    scsiIo: EfiScsiIo,
  ) {
    this.#bs = bs;
    this.#agent = agent;
    this.#controller = controller;
    this.#interfaces = [
      protocolInterface(DevicePathProtocol, devicePath),
      protocolInterface(ScsiIoProtocol, scsiIo),
    ];
    this.handle = bs.installMultipleProtocolInterfaces(undefined, ...this.#interfaces);
    unwinding((unwind) => {
      unwind.push(() => bs.uninstallMultipleProtocolInterfaces(this.handle, ...this.#interfaces));
      this.#tie();
    });
  }

  /**
   * Takes the unit away.
   * @throws EFI_DEVICE_ERROR, with everything as it was, if someone holds on to it
   */
  stop(): void {
    this.#bs.closeProtocol(this.#controller, ExtScsiPassThruProtocol, this.#agent, this.handle);
    try {
      this.#bs.uninstallMultipleProtocolInterfaces(this.handle, ...this.#interfaces);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      this.#tie();
      throw new EfiError('EFI_DEVICE_ERROR', 'the logical unit is in use', { cause: caught });
    }
  }

  #tie(): void {
    this.#bs.openProtocol(
      this.#controller,
      ExtScsiPassThruProtocol,
      this.#agent,
      this.handle,
      EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
    );
  }
}
