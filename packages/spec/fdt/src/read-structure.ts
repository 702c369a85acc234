import type { Reading } from '@dxelab/uefi';
import { broken, sound } from '@dxelab/uefi';
import type { FdtNode } from './device-tree.ts';
import type { FdtBlock } from './fdt-header.ts';
import {
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAX_DEPTH,
  FDT_NOP,
  FDT_PROP,
} from './format.ts';
import { textAt } from './text.ts';

/** The longest name of a property that is looked up, in bytes; the specification has 31 (§2.2.4.1). */
const MAX_PROPERTY_NAME = 255;

/** A node whose end has not come yet. */
interface OpenNode {
  readonly name: string;
  readonly properties: Map<string, Uint8Array>;
  readonly children: FdtNode[];
}

/** The structure block (Devicetree Specification §5.4): its one root node, with all that is in it. */
export function readStructure(
  bytes: Uint8Array,
  structure: FdtBlock,
  strings: FdtBlock,
): Reading<FdtNode> {
  const reader = new StructureReader(bytes, structure, strings);
  while (reader.problem === undefined && !reader.done) reader.readToken();
  if (reader.problem !== undefined) return broken(reader.problem);
  return reader.root === undefined ? broken('the tree has no root node') : sound(reader.root);
}

/** Each token takes the position further, so that as many as the block has room for is the most. */
class StructureReader {
  root: FdtNode | undefined;
  done = false;
  /** What is wrong, once something is. */
  problem: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  readonly #strings: FdtBlock;
  /** The nodes around the position, the root first. */
  readonly #open: OpenNode[] = [];
  #position: number;

  constructor(bytes: Uint8Array, structure: FdtBlock, strings: FdtBlock) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#position = structure.start;
    this.#end = structure.end;
    this.#strings = strings;
  }

  readToken(): void {
    const at = this.#position;
    const token = this.#word();
    if (token === FDT_BEGIN_NODE) this.#beginNode();
    else if (token === FDT_END_NODE) this.#endNode();
    else if (token === FDT_PROP) this.#property();
    else if (token === FDT_END) this.#endTree();
    else if (token !== FDT_NOP) this.#fail(`expected a token, found ${token}`, at);
  }

  #beginNode(): void {
    const at = this.#position;
    const name = textAt(this.#bytes, at, this.#end);
    if (name === undefined) return this.#fail('a node has a name without an end', at);
    if (this.#open.length === 0 && this.root !== undefined) {
      return this.#fail(`"${name}" is a second root node`, at);
    }
    if (this.#open.length === FDT_MAX_DEPTH) {
      return this.#fail(`nodes are nested deeper than ${FDT_MAX_DEPTH}`, at);
    }
    this.#open.push({ name, properties: new Map(), children: [] });
    this.#skip(name.length + 1);
  }

  #endNode(): void {
    const node = this.#open.pop();
    if (node === undefined) return this.#fail('a node ends, and none has begun', this.#position);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root = node;
    else parent.children.push(node);
  }

  #property(): void {
    const at = this.#position;
    const length = this.#word();
    const nameOffset = this.#word();
    const node = this.#open.at(-1);
    if (node === undefined) return this.#fail('a property stands outside all nodes', at);
    if (node.children.length > 0) {
      return this.#fail('a property stands behind a child of its node', at); // §5.4.2
    }
    const nameAt = this.#strings.start + nameOffset;
    const nameEnd = Math.min(this.#strings.end, nameAt + MAX_PROPERTY_NAME + 1);
    const name = textAt(this.#bytes, nameAt, nameEnd);
    if (name === undefined) return this.#fail('a property has a name outside the strings', at);
    const from = this.#position;
    if (length > this.#end - from) {
      return this.#fail(`the property "${name}" has ${length} bytes, beyond the end`, at);
    }
    this.#skip(length);
    // of two properties with one name the first counts, as it does for those who look for it
    if (!node.properties.has(name)) {
      node.properties.set(name, this.#bytes.subarray(from, from + length));
    }
  }

  #endTree(): void {
    const node = this.#open.at(-1);
    if (node !== undefined) this.#fail(`the tree ends within "${node.name}"`, this.#position);
    this.done = true;
  }

  #word(): number {
    const at = this.#position;
    this.#position += 4;
    if (this.#position <= this.#end) return this.#view.getUint32(at);
    this.#fail('the structure block ends too early', at);
    return FDT_END;
  }

  /** Whatever a token is followed by is padded to the next one. */
  #skip(length: number): void {
    this.#position += Math.ceil(length / 4) * 4;
  }

  /** What goes wrong first is what is said. */
  #fail(problem: string, at: number): void {
    this.problem ??= `at 0x${at.toString(16)}: ${problem}`;
  }
}
