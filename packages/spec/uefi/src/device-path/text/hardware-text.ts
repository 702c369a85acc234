import {
  bmcNode,
  controllerNode,
  memoryMappedNode,
  pccardNode,
  pciNode,
  vendorHardwareNode,
} from '../hardware-nodes.ts';
import {
  HARDWARE_DEVICE_PATH,
  HW_BMC_DP,
  HW_CONTROLLER_DP,
  HW_MEMMAP_DP,
  HW_PCCARD_DP,
  HW_PCI_DP,
  HW_VENDOR_DP,
} from '../node-types.ts';
import type { NodeText } from './node-text.ts';

const type = HARDWARE_DEVICE_PATH;

/** Hardware nodes as text (UEFI §10.6.1.6). */
export const HARDWARE_TEXTS: readonly NodeText[] = [
  {
    name: 'Pci',
    type,
    subType: HW_PCI_DP,
    length: 6,
    print: (node) => [node.hex(node.uint8(5)), node.hex(node.uint8(4))],
    parse: (args) => pciNode(args.number(), args.number()),
  },
  {
    name: 'PcCard',
    type,
    subType: HW_PCCARD_DP,
    length: 5,
    print: (node) => [node.hex(node.uint8(4))],
    parse: (args) => pccardNode(args.number()),
  },
  {
    name: 'MemoryMapped',
    type,
    subType: HW_MEMMAP_DP,
    length: 24,
    print: (node) => [
      node.hex(node.uint32(4)),
      node.hex(node.uint64(8)),
      node.hex(node.uint64(16)),
    ],
    parse: (args) => memoryMappedNode(args.number(), args.bigint(), args.bigint()),
  },
  {
    name: 'VenHw',
    type,
    subType: HW_VENDOR_DP,
    minimumLength: 20,
    print: (node) => [node.guid(4), ...node.optionalDump(20)],
    parse: (args) => vendorHardwareNode(args.guid(), args.dump()),
  },
  {
    name: 'Ctrl',
    type,
    subType: HW_CONTROLLER_DP,
    length: 8,
    print: (node) => [node.hex(node.uint32(4))],
    parse: (args) => controllerNode(args.number()),
  },
  {
    name: 'BMC',
    type,
    subType: HW_BMC_DP,
    length: 13,
    print: (node) => [node.hex(node.uint8(4)), node.hex(node.uint64(5))],
    parse: (args) => bmcNode(args.number(), args.bigint()),
  },
];
