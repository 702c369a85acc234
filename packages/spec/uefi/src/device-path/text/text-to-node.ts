import { EfiError, isEfiFailure } from '../../status/efi-error.ts';
import { filePathNode } from '../media-nodes.ts';
import type { DevicePathNode } from '../node.ts';
import { isDevicePathEnd, isDevicePathEndInstance, packNode } from '../node.ts';
import { NodeArguments } from './node-arguments.ts';
import type { NodeText } from './node-text.ts';
import { GENERIC_NAMES, NODE_TEXTS } from './node-texts.ts';
import { placeArguments } from './parameter-names.ts';
import { splitArguments } from './split-text.ts';
import type { DevicePathFromTextOptions } from './text-options.ts';

const NAMED_NODE = /^([A-Za-z][A-Za-z0-9-]*)\((.*)$/s;
type Parser = (args: NodeArguments) => DevicePathNode;

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ...NODE_TEXTS.flatMap(parserOf),
  ...Object.entries(GENERIC_NAMES).map(([name, type]): [string, Parser] => [
    name,
    (args) => packNode(type, args.number(), args.dump()),
  ]),
  ['Path', (args) => notAnEnd(packNode(args.number(), args.number(), args.dump()))],
]);

/** What EDK II takes for the name of a file. */
const UNKNOWN_TO_EDK2: ReadonlySet<string> = new Set(
  NODE_TEXTS.filter(({ unknownToEdk2 }) => unknownToEdk2 === true).map(({ name }) => name),
);

/**
 * ConvertTextToDeviceNode (UEFI §10.6.5.2): a node with a known name, or else a file path, whatever it
 * looks like.
 * @throws EFI_INVALID_PARAMETER if the arguments of a known name are not what it takes
 */
export function convertTextToDeviceNode(
  text: string,
  options: DevicePathFromTextOptions = {},
): DevicePathNode {
  const [, name = '', rest = ''] = NAMED_NODE.exec(text) ?? [];
  const parse = PARSERS.get(name);
  const isFilePath = parse === undefined || (options.edk2 === true && UNKNOWN_TO_EDK2.has(name));
  if (isFilePath) return filePathNode(text);
  try {
    const given = splitArguments(withinParentheses(rest));
    const args = new NodeArguments(options.edk2 === true ? given : placeArguments(name, given));
    const node = parse(args);
    args.end();
    return node;
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
    const why = caught.message.slice(`${caught.status}: `.length);
    throw new EfiError(caught.status, `device path node "${text}": ${why}`, { cause: caught });
  }
}

function parserOf(form: NodeText): readonly [string, Parser][] {
  const parse = form.parse?.bind(form);
  return parse === undefined ? [] : [[form.name, parse]];
}

/** The arguments before the closing parenthesis. One too many is forgiven: the SCT writes such a BMC. */
function withinParentheses(rest: string): string {
  if (!rest.endsWith(')')) throw new EfiError('EFI_INVALID_PARAMETER', 'expected ")" at the end');
  const balance = rest.split('(').length - rest.split(')').length;
  return rest.slice(0, balance === -2 && rest.endsWith('))') ? -2 : -1);
}

/** End nodes are the punctuation of a path: no text may smuggle one in. */
function notAnEnd(node: DevicePathNode): DevicePathNode {
  if (!isDevicePathEnd(node) && !isDevicePathEndInstance(node)) return node;
  throw new EfiError('EFI_INVALID_PARAMETER', 'an end node is not written as text');
}
