import type { EfiBootServices, EfiHandle, EfiPciIo, EfiStatus, Protocol } from '@dxelab/uefi';
import {
  defineProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_PCI_IO_ATTRIBUTE_MEMORY,
  EfiError,
  EfiPciWidthUint16,
  EfiPciWidthUint32,
  guid,
  PciIoProtocol,
} from '@dxelab/uefi';
import type { DriverBindingBody, DxeModule } from '@dxelab/uefi-lib';
import { efiLibInstallDriverBindingComponentName2, unwinding } from '@dxelab/uefi-lib';

/** A protocol of our own: a token with a GUID, and the type of its interface. */
export interface Thermometer {
  /** In degrees Celsius. @throws EFI_TIMEOUT */
  measure(): number;
}
export const ThermometerProtocol: Protocol<Thermometer> = defineProtocol(
  'Thermometer',
  '5b2f6a1e-0d0c-4c55-8a4e-6c1d9d2f7e3d',
);

const BAR = 0;
const CONTROL = 0x0;
const STATUS = 0x4;
const TEMPERATURE = 0x8;

class ThermometerDriver implements DriverBindingBody {
  readonly version: number = 0x10;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;

  constructor(bs: EfiBootServices, agent: EfiHandle) {
    this.#bs = bs;
    this.#agent = agent;
  }

  /** Asks, and leaves no trace: "no" is an answer and is returned, not thrown. */
  supported(controller: EfiHandle): EfiStatus {
    const { status, interface: pciIo } = this.#bs.tryOpenProtocol(
      controller,
      PciIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (status !== 'EFI_SUCCESS' || pciIo === undefined) return status;
    const isOurs =
      pciIo.pci.read(EfiPciWidthUint16, 0) === 0x1234 &&
      pciIo.pci.read(EfiPciWidthUint16, 2) === 0x7e3d;
    this.#close(controller);
    return isOurs ? 'EFI_SUCCESS' : 'EFI_UNSUPPORTED';
  }

  /** What was done is undone if anything throws: each step says how. */
  start(controller: EfiHandle): void {
    unwinding((unwind) => {
      const pciIo = this.#bs.openProtocol(
        controller,
        PciIoProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => this.#close(controller));
      pciIo.enableAttributes(EFI_PCI_IO_ATTRIBUTE_MEMORY);
      unwind.push(() => pciIo.disableAttributes(EFI_PCI_IO_ATTRIBUTE_MEMORY));
      const thermometer: Thermometer = { measure: () => this.#measure(pciIo) };
      this.#bs.installProtocolInterface(controller, ThermometerProtocol, thermometer);
    });
  }

  stop(controller: EfiHandle): void {
    const get = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    const agent = this.#agent;
    const thermometer = this.#bs.openProtocol(
      controller,
      ThermometerProtocol,
      agent,
      controller,
      get,
    );
    const pciIo = this.#bs.openProtocol(controller, PciIoProtocol, agent, controller, get);
    this.#bs.uninstallProtocolInterface(controller, ThermometerProtocol, thermometer);
    pciIo.disableAttributes(EFI_PCI_IO_ATTRIBUTE_MEMORY);
    this.#close(controller);
  }

  #measure(pciIo: EfiPciIo): number {
    pciIo.mem.write(EfiPciWidthUint32, BAR, CONTROL, 1);
    for (let pause = 1; pause <= 1024; pause *= 2) {
      if (pciIo.mem.read(EfiPciWidthUint32, BAR, STATUS) === 1) {
        return pciIo.mem.read(EfiPciWidthUint32, BAR, TEMPERATURE) / 1000;
      }
      this.#bs.stall(pause);
    }
    throw new EfiError('EFI_TIMEOUT', 'no measurement within 2 ms');
  }

  #close(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, PciIoProtocol, this.#agent, controller);
  }
}

/** What an INF says, and the entry point: it installs the driver binding, and touches no hardware. */
export const thermometerDxe: DxeModule = {
  name: 'ThermometerDxe',
  fileGuid: guid('c6e5b1d8-51f7-4ce5-9d3e-3a6f2f0b7e3d'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(imageHandle, { bootServices }) {
    efiLibInstallDriverBindingComponentName2(
      bootServices,
      imageHandle,
      'Thermometer Driver',
      (agent) => new ThermometerDriver(bootServices, agent),
    );
  },
};
