import type { DevicePath } from '../device-path.ts';
import { appendDevicePathInstance, devicePath, devicePathInstances } from '../utilities.ts';
import { devicePathNodes } from '../walk.ts';
import { convertDeviceNodeToText } from './node-to-text.ts';
import { splitDevicePathText } from './split-text.ts';
import type { DevicePathFromTextOptions, DevicePathTextOptions } from './text-options.ts';
import { convertTextToDeviceNode } from './text-to-node.ts';

/**
 * ConvertDevicePathToText (UEFI §10.6.4): `PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,…)`. Unless it is for
 * display only or as EDK II writes it, `convertTextToDevicePath` gives back the same path.
 * @throws EFI_INVALID_PARAMETER for a malformed path
 */
export function convertDevicePathToText(
  path: DevicePath,
  options: DevicePathTextOptions = {},
): string {
  const instances = devicePathInstances(path).map((instance) =>
    Array.from(devicePathNodes(instance), (node) => convertDeviceNodeToText(node, options)),
  );
  return instances.map((nodes) => nodes.join('/')).join(options.edk2 === true ? ',/' : ',');
}

/**
 * ConvertTextToDevicePath (UEFI §10.6.5.3). Empty text is the path of nothing.
 * @throws EFI_INVALID_PARAMETER for a node whose arguments are not what its name takes
 */
export function convertTextToDevicePath(
  text: string,
  options: DevicePathFromTextOptions = {},
): DevicePath {
  const instances = splitDevicePathText(text, options.edk2 === true);
  const [first = devicePath(), ...others] = instances.map((nodes) =>
    devicePath(...nodes.map((node) => convertTextToDeviceNode(node, options))),
  );
  return others.reduce<DevicePath>(appendDevicePathInstance, first);
}
