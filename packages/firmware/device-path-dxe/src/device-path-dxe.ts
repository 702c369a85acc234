import {
  DevicePathFromTextProtocol,
  DevicePathToTextProtocol,
  DevicePathUtilitiesProtocol,
  guid,
  protocolInterface,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DevicePathFromText } from './device-path-from-text.ts';
import { DevicePathToText } from './device-path-to-text.ts';
import { DevicePathUtilities } from './device-path-utilities.ts';

/** MdeModulePkg/Universal/DevicePathDxe: the three protocols of UEFI §10.5 and §10.6, on one handle. */
export const devicePathDxe: DxeModule = {
  name: 'DevicePathDxe',
  fileGuid: guid('9b680fce-ad6b-4f3a-b60b-f59899003443'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, systemTable, { debug, quirks }) {
    systemTable.bootServices.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathUtilitiesProtocol, new DevicePathUtilities()),
      protocolInterface(
        DevicePathToTextProtocol,
        new DevicePathToText({ edk2: quirks.has('UefiDevicePathLib.TextLosesFields') }),
      ),
      protocolInterface(
        DevicePathFromTextProtocol,
        new DevicePathFromText(debug, { edk2: quirks.has('UefiDevicePathLib.UnclosedEndsPath') }),
      ),
    );
  },
};
