import {
  convertDevicePathToText,
  convertTextToDevicePath,
  crc32,
  devicePath,
  filePathNode,
  pciNode,
  pciRootNode,
  readGptHeader,
} from './index.ts';

// A device path is bytes: made of nodes, or read from its text.
const loader = devicePath(pciRootNode(0), pciNode(2, 0), filePathNode('\\EFI\\BOOT\\BOOTX64.EFI'));
/** PciRoot(0x0)/Pci(0x2,0x0)/\EFI\BOOT\BOOTX64.EFI */
export const text: string = convertDevicePathToText(loader);
export const same: boolean = crc32(convertTextToDevicePath(text)) === crc32(loader);

/** A structure on a disk is read, or it is said what is wrong with it. */
export const problem: string | undefined = readGptHeader(new Uint8Array(512), 1).problem;
