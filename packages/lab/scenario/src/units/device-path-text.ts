import type { DevicePath } from '@dxelab/uefi';
import { convertDevicePathToText, convertTextToDevicePath, isEfiFailure } from '@dxelab/uefi';

/** What a text for a device path turned out to be. */
export type DevicePathReading =
  | { readonly path: DevicePath; /** As reports write it. */ readonly text: string }
  | { readonly problem: string };

/** A word with arguments: what the conversion takes for a file's name when it does not know the word. */
const NODE_LIKE = /^[A-Za-z][A-Za-z0-9]*\(.*\)$/u;

/** The status in front of an error's message: nothing to whoever writes a scenario. */
const STATUS = /EFI_[A-Z_]+: /gu;

/** Reads the text of a device path more strictly than UEFI does: an unknown node is not a file. */
export function readDevicePathText(text: string): DevicePathReading {
  if (text.split('(').length !== text.split(')').length) {
    return { problem: `the parentheses of '${text}' do not match: put a device path in quotes` };
  }
  try {
    const path = convertTextToDevicePath(text);
    const canonical = convertDevicePathToText(path);
    const stranger = canonical.split('/').find((node) => NODE_LIKE.test(node) && !isKnown(node));
    if (stranger !== undefined) return { problem: `there is no device path node '${stranger}'` };
    return { path, text: canonical };
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    return { problem: caught.message.replaceAll(STATUS, '') };
  }
}

/** Whether a node's text is more than the name of a file. */
function isKnown(node: string): boolean {
  const [type, subType] = convertTextToDevicePath(node);
  return !(type === MEDIA_TYPE && subType === FILE_PATH_SUB_TYPE);
}

const MEDIA_TYPE = 4;
const FILE_PATH_SUB_TYPE = 4;
