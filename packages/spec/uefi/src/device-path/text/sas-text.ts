import { guidFromBytes } from '../../guid.ts';
import { sasExNode, vendorMessagingNode } from '../messaging-nodes.ts';
import { concatBytes } from '../../bytes.ts';
import { uint16, uint32, uint64 } from '../node.ts';
import { MESSAGING_DEVICE_PATH, MSG_SASEX_DP, MSG_VENDOR_DP } from '../node-types.ts';
import { DEVICE_PATH_MESSAGING_SAS } from '../vendor-guids.ts';
import type { NodeArguments } from './node-arguments.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

const type = MESSAGING_DEVICE_PATH;

// Bits of the device topology (UEFI §10.3.4.18). The low four count the bytes that mean something.
const SATA = 0x10;
const EXTERNAL = 0x20;
const EXPANDED = 0x40;
const RESERVED = 0x80;

/** SAS nodes as text (UEFI §10.6.1.6). */
export const SAS_TEXTS: readonly NodeText[] = [
  {
    name: 'SAS',
    type,
    subType: MSG_VENDOR_DP,
    length: 44,
    print(node): readonly string[] | undefined {
      if (node.options.allowShortcuts !== true) return undefined;
      if (guidFromBytes(node.bytes, 4) !== DEVICE_PATH_MESSAGING_SAS) return undefined;
      return [
        node.hex(node.uint64(24)),
        node.hex(node.uint64(32)),
        node.hex(node.uint16(42)),
        ...topologyToText(node, node.uint16(40)),
        node.hex(node.uint32(20)),
      ];
    },
    parse(args) {
      const address = uint64(args.bigint());
      const lun = uint64(args.bigint(0n));
      const relativeTargetPort = uint16(args.number(0));
      const topology = uint16(topologyFromText(args));
      const reserved = uint32(args.number(0));
      return vendorMessagingNode(
        DEVICE_PATH_MESSAGING_SAS,
        concatBytes(reserved, address, lun, topology, relativeTargetPort),
      );
    },
  },
  {
    name: 'SasEx',
    type,
    subType: MSG_SASEX_DP,
    length: 24,
    print: (node) => [
      `0x${node.dump(4, 12)}`,
      `0x${node.dump(12, 20)}`,
      node.hex(node.uint16(22)),
      ...topologyToText(node, node.uint16(20)),
    ],
    parse(args) {
      const [address, lun] = [args.bytes(8, '0x'), args.bytes(8, '0x')];
      const relativeTargetPort = args.number(0);
      return sasExNode(address, lun, topologyFromText(args), relativeTargetPort);
    },
  },
];

/** Four arguments: SAS or SATA, location, connection, drive bay. */
function topologyToText(node: NodePrinter, topology: number): readonly string[] {
  const bytes = topology & 0x0f;
  if (bytes > 2 || (topology & RESERVED) !== 0) return [node.hex(topology), '0', '0', '0'];
  if (bytes === 0) return ['NoTopology', '0', '0', '0'];
  return [
    (topology & SATA) === 0 ? 'SAS' : 'SATA',
    (topology & EXTERNAL) === 0 ? 'Internal' : 'External',
    (topology & EXPANDED) === 0 ? 'Direct' : 'Expanded',
    bytes === 1 ? '0' : node.hex((topology >> 8) + 1),
  ];
}

function topologyFromText(args: NodeArguments): number {
  const isWord = { NoTopology: -1, SAS: -2, SATA: -3 };
  const kind = args.keyword(isWord, 0);
  const location = args.keyword({ Internal: 0, External: EXTERNAL }, 0);
  const connection = args.keyword({ Direct: 0, Expanded: EXPANDED }, 0);
  const driveBay = args.number(0);
  if (kind === isWord.NoTopology) return 0;
  if (kind >= 0) return kind;
  const bits = (kind === isWord.SATA ? SATA : 0) + location + connection;
  return driveBay === 0 ? bits + 1 : bits + 2 + (driveBay - 1) * 0x100;
}
