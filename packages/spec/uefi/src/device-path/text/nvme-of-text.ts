import { EfiError } from '../../status/efi-error.ts';
import {
  NVME_NIDT_EUI64,
  NVME_NIDT_NGUID,
  NVME_NIDT_UUID,
  nvmeOfNamespaceNode,
} from '../network-nodes.ts';
import { MESSAGING_DEVICE_PATH, MSG_NVME_OF_NAMESPACE_DP } from '../node-types.ts';
import { utf8FromBytes } from '../utf8.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

/** `urn:uuid:4eff7f8e-d353-4e9b-a4ec-deea8eab84d7`, or sixteen digits, or 32. */
const NID = /^(urn:uuid:)?([0-9a-f]{16}(?:[0-9a-f]{16})?)$/i;

/** `NVMEoF(SubsystemNQN,NID)` (UEFI §10.6.1.6): the form of the identifier tells its type. */
export const NVME_OF_TEXT: NodeText = {
  name: 'NVMEoF',
  type: MESSAGING_DEVICE_PATH,
  subType: MSG_NVME_OF_NAMESPACE_DP,
  minimumLength: 22,
  unknownToEdk2: true,
  print(node): readonly string[] | undefined {
    const nqn = utf8FromBytes(node.bytes.subarray(21, -1));
    const nid = nidToText(node);
    return nqn === undefined || nid === undefined ? undefined : [nqn, nid];
  },
  parse(args) {
    const nqn = args.text('a subsystem NQN', '');
    const { type, bytes } = nidFromText(args.text('a namespace identifier'));
    return nvmeOfNamespaceNode(type, bytes, nqn);
  },
};

function nidToText(node: NodePrinter): string | undefined {
  const nidt = node.uint8(4);
  if (nidt === NVME_NIDT_EUI64) return node.dump(5, 13);
  if (nidt === NVME_NIDT_NGUID) return node.dump(5, 21);
  if (nidt !== NVME_NIDT_UUID) return undefined;
  // RFC 4122 order, which is not that of a GUID in memory
  const groups = [5, 9, 11, 13, 15].map((start, at, starts) =>
    node.dump(start, starts[at + 1] ?? 21),
  );
  return `urn:uuid:${groups.join('-')}`;
}

function nidFromText(text: string): { readonly type: number; readonly bytes: Uint8Array } {
  const [, uuid, digits] = NID.exec(text.trim().replaceAll('-', '')) ?? [];
  if (digits === undefined || (uuid !== undefined && digits.length !== 32)) {
    throw new EfiError(
      'EFI_INVALID_PARAMETER',
      `a namespace identifier is urn:uuid:…, or 16 or 32 hexadecimal digits, not "${text}"`,
    );
  }
  const bytes = new Uint8Array(16);
  for (let index = 0; index * 2 < digits.length; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  const bare = digits.length === 16 ? NVME_NIDT_EUI64 : NVME_NIDT_NGUID;
  return { type: uuid === undefined ? bare : NVME_NIDT_UUID, bytes };
}
