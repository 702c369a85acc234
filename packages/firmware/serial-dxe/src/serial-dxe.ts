import type { DevicePath, EfiSerialAttributes, Guid } from '@dxelab/uefi';
import {
  devicePath,
  DevicePathProtocol,
  guid,
  protocolInterface,
  SerialIoProtocol,
  uartNode,
  vendorHardwareNode,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEFAULT_SETTINGS } from './line-settings.ts';
import { SerialIo } from './serial-io.ts';
import { SerialPort } from './serial-port.ts';

/** EDK2_SERIAL_PORT_LIB_VENDOR_GUID, by which its device path begins. */
export const SERIAL_PORT_VENDOR: Guid = guid('d3987d4b-971a-435f-8caf-4967eb627241');

/** Where the port is, and how its line is set: `VenHw(…)/Uart(115200,8,N,1)`. */
export function serialPortPath(settings: EfiSerialAttributes = DEFAULT_SETTINGS): DevicePath {
  const { baudRate, dataBits, parity, stopBits } = settings;
  return devicePath(
    vendorHardwareNode(SERIAL_PORT_VENDOR),
    uartNode(baudRate, dataBits, parity, stopBits),
  );
}

/** MdeModulePkg/Universal/SerialDxe/SerialDxe.inf */
export const serialDxe: DxeModule = {
  name: 'SerialDxe',
  fileGuid: SERIAL_PORT_VENDOR,
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true,
  entryPoint(_imageHandle, { bootServices: bs }, { platform }) {
    let path = serialPortPath();
    const io = new SerialIo(bs, new SerialPort(platform.ports), (settings) => {
      const changed = serialPortPath(settings);
      const before = path;
      // whoever has opened it is asked to let go and comes again
      path = changed;
      bs.reinstallProtocolInterface(handle, DevicePathProtocol, before, changed);
    });
    io.reset();
    const handle = bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(SerialIoProtocol, io),
      protocolInterface(DevicePathProtocol, path),
    );
  },
};
