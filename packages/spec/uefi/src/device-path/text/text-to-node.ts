import { EfiError, isEfiFailure } from '../../status/efi-error.ts';
import { filePathNode } from '../media-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { isDevicePathEnd, isDevicePathEndInstance, packNode } from '../node.ts';
import { NodeArguments } from './node-arguments.ts';
import { GENERIC_NAMES, NODE_TEXTS } from './node-texts.ts';
import { splitArguments } from './split-text.ts';

const NAMED_NODE = /^([A-Za-z][A-Za-z0-9]*)\((.*)$/s;
type Parser = (args: NodeArguments) => DevicePathNode;

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ...NODE_TEXTS.map((form): [string, Parser] => [form.name, (args) => form.parse(args)]),
  ...Object.entries(GENERIC_NAMES).map(([name, type]): [string, Parser] => [
    name,
    (args) => packNode(type, args.number(), args.dump()),
  ]),
  ['Path', (args) => notAnEnd(packNode(args.number(), args.number(), args.dump()))],
]);

/**
 * ConvertTextToDeviceNode (UEFI §10.6.5.2): a node with a known name, or else a file path, whatever it
 * looks like.
 * @throws EFI_INVALID_PARAMETER if the arguments of a known name are not what it takes
 */
export function convertTextToDeviceNode(text: string): DevicePathNode {
  const [, name = '', rest = ''] = NAMED_NODE.exec(text) ?? [];
  const parse = PARSERS.get(name);
  if (parse === undefined) return filePathNode(text);
  try {
    if (!rest.endsWith(')')) throw new EfiError('EFI_INVALID_PARAMETER', 'expected ")" at the end');
    const args = new NodeArguments(splitArguments(rest.slice(0, -1)));
    const node = parse(args);
    args.end();
    return node;
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    const why = caught.message.slice(`${caught.status}: `.length);
    throw new EfiError(caught.status, `device path node "${text}": ${why}`, { cause: caught });
  }
}

/** End nodes are the punctuation of a path: no text may smuggle one in. */
function notAnEnd(node: DevicePathNode): DevicePathNode {
  if (!isDevicePathEnd(node) && !isDevicePathEndInstance(node)) return node;
  throw new EfiError('EFI_INVALID_PARAMETER', 'an end node is not written as text');
}
