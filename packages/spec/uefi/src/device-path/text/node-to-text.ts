import { bytesEqual } from '../../bytes.ts';
import { isEfiFailure } from '../../status/efi-error.ts';
import { readFilePathNode } from '../media-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { devicePathSubType, devicePathType } from '../node.ts';
import { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';
import { GENERIC_NAMES, NODE_TEXTS } from './node-texts.ts';
import { splitDevicePathText } from './split-text.ts';
import type { DevicePathTextOptions } from './text-options.ts';
import { convertTextToDeviceNode } from './text-to-node.ts';

/**
 * ConvertDeviceNodeToText (UEFI §10.6.3). A node that its usual text would not lead back to (a comma
 * in a file's name, a length that its type does not have) is written in the generic form, which does.
 */
export function convertDeviceNodeToText(
  node: DevicePathNode,
  options: DevicePathTextOptions = {},
): string {
  const printer = new NodePrinter(node, options);
  const text = usualText(printer);
  const isLossy = options.displayOnly === true || options.edk2 === true;
  return text !== undefined && (isLossy || leadsBack(text, node)) ? text : genericText(printer);
}

function usualText(printer: NodePrinter): string | undefined {
  const filePath = readFilePathNode(printer.bytes);
  if (filePath !== undefined) return filePath;
  for (const form of NODE_TEXTS) {
    if (!fits(form, printer.bytes)) continue;
    if (form.unknownToEdk2 === true && printer.options.edk2 === true) continue;
    const args = form.print(printer);
    if (args !== undefined) return `${form.name}(${args.join(',')})`;
  }
  return undefined;
}

function fits(form: NodeText, node: DevicePathNode): boolean {
  return (
    form.type === devicePathType(node) &&
    form.subType === devicePathSubType(node) &&
    (form.length === undefined || form.length === node.length) &&
    (form.minimumLength === undefined || form.minimumLength <= node.length)
  );
}

/** `Msg(subType,data)`, or `Path(type,subType,data)` for a type that has no name. */
function genericText(printer: NodePrinter): string {
  const type = devicePathType(printer.bytes);
  const subType = devicePathSubType(printer.bytes);
  const name = Object.entries(GENERIC_NAMES).find(([, value]) => value === type)?.[0];
  const kind = name === undefined ? `Path(${type},${subType}` : `${name}(${subType}`;
  return `${[kind, ...printer.optionalDump(4)].join(',')})`;
}

/** Whether the text, with another node behind it, is one node and this one. */
function leadsBack(text: string, node: DevicePathNode): boolean {
  const [nodes, ...otherInstances] = splitDevicePathText(`${text}/x`);
  const isOneNode = otherInstances.length === 0 && nodes?.length === 2 && nodes[0] === text;
  if (!isOneNode) return false;
  try {
    return bytesEqual(convertTextToDeviceNode(text), node);
  } catch (caught) {
    if (isEfiFailure(caught)) return false;
    throw caught;
  }
}
