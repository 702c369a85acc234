import {
  acpiAdrNode,
  acpiExtendedNode,
  acpiNode,
  acpiNvdimmNode,
  eisaPnpId,
} from '../acpi-nodes.ts';
import {
  ACPI_ADR_DP,
  ACPI_DEVICE_PATH,
  ACPI_DP,
  ACPI_EXTENDED_DP,
  ACPI_NVDIMM_DP,
} from '../node-types.ts';
import { eisaIdFromText, eisaIdToText } from './eisa-id.ts';
import type { NodeArguments } from './node-arguments.ts';
import type { NodePrinter } from './node-printer.ts';
import type { NodeText } from './node-text.ts';

const type = ACPI_DEVICE_PATH;

const PCI_ROOT = eisaPnpId(0x0a03);
const PCIE_ROOT = eisaPnpId(0x0a08);

/** ACPI nodes as text (UEFI §10.6.1.6). */
export const ACPI_TEXTS: readonly NodeText[] = [
  namedDevice('PciRoot', 0x0a03),
  namedDevice('PcieRoot', 0x0a08),
  namedDevice('Floppy', 0x0604),
  namedDevice('Keyboard', 0x0301),
  namedDevice('Serial', 0x0501),
  namedDevice('ParallelPort', 0x0401),
  {
    name: 'Acpi',
    type,
    subType: ACPI_DP,
    length: 12,
    print: (node) => [pnpId(node, node.uint32(4)), node.hex(node.uint32(8))],
    parse: (args) => acpiNode(parseEisaId(args), args.number(0)),
  },
  namedExtendedDevice(
    'PciRoot',
    (hid, cid) => hid === PCI_ROOT || (cid === PCI_ROOT && hid !== PCIE_ROOT),
  ),
  namedExtendedDevice('PcieRoot', (hid, cid) => hid === PCIE_ROOT || cid === PCIE_ROOT),
  {
    name: 'AcpiExp',
    type,
    subType: ACPI_EXTENDED_DP,
    minimumLength: 19,
    print(node): readonly string[] | undefined {
      const { hidStr, uidStr, cidStr } = strings(node);
      const isCompact = hidStr === '' && cidStr === '' && uidStr !== '';
      const isWanted = node.options.allowShortcuts === true || node.options.edk2 === true;
      if (!isWanted || !isCompact) return undefined;
      return [eisaId(node, node.uint32(4)), eisaId(node, node.uint32(12)), uidStr];
    },
    parse: (args) =>
      acpiExtendedNode({
        hid: parseEisaId(args),
        cid: parseEisaId(args),
        uidStr: args.text('a string', ''),
      }),
  },
  {
    name: 'AcpiEx',
    type,
    subType: ACPI_EXTENDED_DP,
    minimumLength: 19,
    print(node): readonly string[] {
      const { hidStr, uidStr, cidStr } = strings(node);
      const hid = eisaId(node, node.uint32(4));
      const cid = eisaId(node, node.uint32(12));
      const uid = node.hex(node.uint32(8));
      return node.options.displayOnly === true
        ? [hidStr || hid, cidStr || cid, uidStr || uid]
        : [hid, cid, uid, hidStr, cidStr, uidStr];
    },
    parse: (args) =>
      acpiExtendedNode({
        hid: parseEisaId(args),
        cid: parseEisaId(args),
        uid: args.number(0),
        hidStr: args.text('a string', ''),
        cidStr: args.text('a string', ''),
        uidStr: args.text('a string', ''),
      }),
  },
  {
    name: 'AcpiAdr',
    type,
    subType: ACPI_ADR_DP,
    minimumLength: 8,
    print(node): readonly string[] {
      const count = Math.floor((node.bytes.length - 4) / 4);
      return Array.from({ length: count }, (_, index) => node.hex(node.uint32(4 + index * 4)));
    },
    parse(args) {
      const adrs = [args.number()];
      while (args.more) adrs.push(args.number());
      return acpiAdrNode(...adrs);
    },
  },
  {
    name: 'NvdimmAcpiAdr',
    type,
    subType: ACPI_NVDIMM_DP,
    length: 8,
    unknownToEdk2: true,
    print: (node) => [node.hex(node.uint32(4))],
    parse: (args) => acpiNvdimmNode(args.number()),
  },
];

/** A device that has a name of its own: `PciRoot(uid)`. */
function namedDevice(name: string, product: number): NodeText {
  const hid = eisaPnpId(product);
  return {
    name,
    type,
    subType: ACPI_DP,
    length: 12,
    print: (node) => (node.uint32(4) === hid ? [node.hex(node.uint32(8))] : undefined),
    parse: (args) => acpiNode(hid, args.number(0)),
  };
}

/** A root bridge that an expanded node describes, by its _UID: for display only. */
function namedExtendedDevice(
  name: string,
  isNamed: (hid: number, cid: number) => boolean,
): NodeText {
  return {
    name,
    type,
    subType: ACPI_EXTENDED_DP,
    minimumLength: 19,
    print(node): readonly string[] | undefined {
      if (node.options.displayOnly !== true) return undefined;
      if (!isNamed(node.uint32(4), node.uint32(12))) return undefined;
      return [strings(node).uidStr || node.hex(node.uint32(8))];
    },
  };
}

/** `PNP0A03`, or the number of another vendor's id. */
function pnpId(node: NodePrinter, id: number): string {
  const text = eisaIdToText(id);
  return text?.startsWith('PNP') === true ? text : node.hex(id, node.options.edk2 === true ? 8 : 1);
}

/** An id as its letters and digits, or as a number if it has no letters. */
function eisaId(node: NodePrinter, id: number): string {
  return eisaIdToText(id) ?? node.hex(id);
}

function parseEisaId(args: NodeArguments): number {
  return args.numberOr('an EISA id', eisaIdFromText, 0);
}

/** HIDSTR, UIDSTR and CIDSTR in the order in which they stand, each up to its NUL. */
function strings(node: NodePrinter): { hidStr: string; uidStr: string; cidStr: string } {
  const hidStr = node.char8(16);
  const uidStr = node.char8(17 + hidStr.length);
  const cidStr = node.char8(18 + hidStr.length + uidStr.length);
  return { hidStr, uidStr, cidStr };
}
