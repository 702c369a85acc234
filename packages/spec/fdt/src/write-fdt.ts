import type { DeviceTree, FdtNode } from './device-tree.ts';
import {
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_HEADER,
  FDT_HEADER_SIZE,
  FDT_LAST_COMPATIBLE_VERSION,
  FDT_MAGIC,
  FDT_PROP,
  FDT_RESERVATION_SIZE,
  FDT_VERSION,
} from './format.ts';
import { textBytes } from './text.ts';

/** The names of properties, each once (Devicetree Specification §5.5). */
class StringsBlock {
  readonly #offsets = new Map<string, number>();
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#size;
    const bytes = textBytes(name);
    this.#offsets.set(name, offset);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    return join(this.#parts);
  }
}

/**
 * Writes a device tree down as a flattened one of version 17 (Devicetree Specification §5).
 * @throws EFI_INVALID_PARAMETER for a name that is no text of 8 bits
 */
export function writeFdt({ reservations, bootCpu, root }: DeviceTree): Uint8Array {
  const strings = new StringsBlock();
  const words: Uint8Array[] = [];
  writeNode(root, words, strings);
  words.push(word(FDT_END));
  const structure = join(words);
  const stringBytes = strings.bytes();

  const structureAt = FDT_HEADER_SIZE + (reservations.length + 1) * FDT_RESERVATION_SIZE;
  const stringsAt = structureAt + structure.length;
  const tree = new Uint8Array(stringsAt + stringBytes.length);
  const view = new DataView(tree.buffer);
  view.setUint32(FDT_HEADER.magic, FDT_MAGIC);
  view.setUint32(FDT_HEADER.totalSize, tree.length);
  view.setUint32(FDT_HEADER.offDtStruct, structureAt);
  view.setUint32(FDT_HEADER.offDtStrings, stringsAt);
  view.setUint32(FDT_HEADER.offMemRsvmap, FDT_HEADER_SIZE);
  view.setUint32(FDT_HEADER.version, FDT_VERSION);
  view.setUint32(FDT_HEADER.lastCompVersion, FDT_LAST_COMPATIBLE_VERSION);
  view.setUint32(FDT_HEADER.bootCpuidPhys, bootCpu);
  view.setUint32(FDT_HEADER.sizeDtStrings, stringBytes.length);
  view.setUint32(FDT_HEADER.sizeDtStruct, structure.length);
  for (const [index, { address, size }] of reservations.entries()) {
    view.setBigUint64(FDT_HEADER_SIZE + index * FDT_RESERVATION_SIZE, address);
    view.setBigUint64(FDT_HEADER_SIZE + index * FDT_RESERVATION_SIZE + 8, size);
  }
  tree.set(structure, structureAt);
  tree.set(stringBytes, stringsAt);
  return tree;
}

function writeNode(node: FdtNode, words: Uint8Array[], strings: StringsBlock): void {
  words.push(word(FDT_BEGIN_NODE), padded(textBytes(node.name)));
  for (const [name, value] of node.properties) {
    words.push(word(FDT_PROP), word(value.length), word(strings.offsetOf(name)), padded(value));
  }
  for (const child of node.children) writeNode(child, words, strings);
  words.push(word(FDT_END_NODE));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Whatever a token is followed by is padded with zeros to the next one. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
