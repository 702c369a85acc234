import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceTree, FdtNode } from './device-tree.ts';
import { fdtNode } from './device-tree.ts';
import { FDT_HEADER } from './format.ts';
import { fdtPaths } from './nodes.ts';
import { fdtCells, fdtStrings } from './property-values.ts';
import { readFdt } from './read-fdt.ts';
import { readFdtReg } from './reg.ts';
import { writeFdt } from './write-fdt.ts';

const TREE: DeviceTree = {
  reservations: [{ address: 0x1_0000_0000n, size: 0x1000n }],
  bootCpu: 7,
  root: fdtNode('', { model: fdtStrings('dxelab'), '#address-cells': fdtCells(2) }, [
    fdtNode('chosen', { bootargs: fdtStrings('quiet') }),
    fdtNode('soc', { ranges: new Uint8Array(0) }, [
      fdtNode('serial@10000', { reg: fdtCells(0, 0x10000, 0x100), model: fdtStrings('ns16550') }),
    ]),
  ]),
};

/** The tree above with words of its header changed. */
function withHeader(change: Partial<Record<keyof typeof FDT_HEADER, number>>): Uint8Array {
  const bytes = writeFdt(TREE);
  const view = new DataView(bytes.buffer);
  for (const [field, value] of Object.entries(change)) {
    for (const [name, offset] of Object.entries(FDT_HEADER)) {
      if (name === field) view.setUint32(offset, value);
    }
  }
  return bytes;
}

/** A tree whose structure block consists of these words, and whose strings are `strings`. */
function withStructure(words: readonly number[], strings = 'a\0'): Uint8Array {
  const structure = fdtCells(...words);
  const at = 40 + 16;
  const bytes = new Uint8Array(at + structure.length + strings.length);
  const header = [0xd00dfeed, bytes.length, at, at + structure.length, 40, 17, 16, 0];
  bytes.set(fdtCells(...header, strings.length, structure.length));
  bytes.set(structure, at);
  bytes.set(
    Uint8Array.from(strings, (letter) => letter.codePointAt(0) ?? 0),
    at + structure.length,
  );
  return bytes;
}

const [BEGIN, END_NODE, PROP, NOP, END] = [1, 2, 3, 4, 9];

describe('flattened device tree (Devicetree Specification §5)', () => {
  test('what was written is read', () => {
    expect(readFdt(writeFdt(TREE))).toEqual({ value: TREE, problem: undefined });
  });

  test('what stands behind the tree, and before it, does not count', () => {
    const bytes = writeFdt(TREE);
    const more = new Uint8Array(bytes.length + 20).fill(0xff);
    more.set(bytes, 8);
    expect(readFdt(more.subarray(8)).value).toEqual(TREE);
  });

  test('§5.2: version 16 does not record the size of the structure block', () => {
    expect(readFdt(withHeader({ version: 16, sizeDtStruct: 0xffffffff })).value).toEqual(TREE);
  });

  test('§5.4.1: NOPs are passed over, wherever they stand', () => {
    const words = [NOP, BEGIN, 0, NOP, PROP, 4, 0, 42, NOP, END_NODE, NOP, END];
    const { value } = readFdt(withStructure(words));
    expect(value?.root).toEqual(fdtNode('', { a: fdtCells(42) }));
  });

  test('of two properties with one name the first counts', () => {
    const words = [BEGIN, 0, PROP, 4, 0, 1, PROP, 4, 0, 2, END_NODE, END];
    expect(readFdt(withStructure(words)).value?.root).toEqual(fdtNode('', { a: fdtCells(1) }));
  });

  test.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'expected a header of 40 bytes, found 0'],
    ['half a header', writeFdt(TREE).subarray(0, 39), 'expected a header of 40 bytes, found 39'],
    ['another magic number', withHeader({ magic: 0xedfe0dd0 }), 'found 0xedfe0dd0'],
    ['version 15', withHeader({ version: 15 }), 'expected version 16 or 17, found 15'],
    ['readers of 18', withHeader({ version: 18, lastCompVersion: 18 }), 'readers of 18'],
    ['a size less than the header', withHeader({ totalSize: 39 }), 'has no header'],
    ['half a tree', writeFdt(TREE).subarray(0, 100), 'and only 100 are there'],
    ['an odd structure', withHeader({ offDtStruct: 90 }), 'no multiple of 4'],
    ['a structure in the header', withHeader({ offDtStruct: 36 }), 'the structure block lies at'],
    ['a structure too far', withHeader({ offDtStruct: 0xfffffff0 }), 'the structure block lies at'],
    ['a structure too long', withHeader({ sizeDtStruct: 0xffffffff }), 'the structure block lies'],
    ['strings too long', withHeader({ sizeDtStrings: 0x1000 }), 'the strings block lies at'],
    ['unaligned reservations', withHeader({ offMemRsvmap: 44 }), 'no multiple of 8'],
    ['no last reservation', withHeader({ offMemRsvmap: 0x130 }), 'block'],
  ])('%s: refused', (_what, bytes, problem) => {
    expect(readFdt(bytes).problem).toContain(problem);
  });

  test.each<[string, readonly number[], string]>([
    ['nothing', [], 'ends too early'],
    ['no root', [END], 'the tree has no root node'],
    ['two roots', [BEGIN, 0, END_NODE, BEGIN, 0, END_NODE, END], 'is a second root node'],
    ['no end', [BEGIN, 0, END_NODE], 'ends too early'],
    ['no end of a node', [BEGIN, 0, END], 'the tree ends within ""'],
    ['an end too many', [BEGIN, 0, END_NODE, END_NODE, END], 'and none has begun'],
    ['a token that there is not', [BEGIN, 0, 5, END_NODE, END], 'expected a token, found 5'],
    ['a name without an end', [BEGIN, 0x61616161], 'a name without an end'],
    ['a property outside', [PROP, 0, 0, BEGIN, 0, END_NODE, END], 'outside all nodes'],
    ['a long property', [BEGIN, 0, PROP, 9, 0, 0, END_NODE], 'has 9 bytes, beyond the end'],
    ['a very long property', [BEGIN, 0, PROP, 0xffffffff, 0, 0, END_NODE], 'beyond the end'],
    ['half a property', [BEGIN, 0, PROP, 0], 'ends too early'],
    ['a name nowhere', [BEGIN, 0, PROP, 0, 2, END_NODE, END], 'a name outside the strings'],
    ['a name far away', [BEGIN, 0, PROP, 0, 0xffffffff, END_NODE, END], 'outside the strings'],
    [
      'a property behind a child (§5.4.2)',
      [BEGIN, 0, BEGIN, 0, END_NODE, PROP, 0, 0, END_NODE, END],
      'behind a child',
    ],
  ])('§5.4: %s: refused', (_what, words, problem) => {
    expect(readFdt(withStructure(words)).problem).toContain(problem);
  });

  test('a name that runs into the end of the strings has none', () => {
    const words = [BEGIN, 0, PROP, 0, 0, END_NODE, END];
    expect(readFdt(withStructure(words, 'ab')).problem).toContain('a name outside the strings');
  });

  test('names of properties have at most 255 characters, so that reading stays linear', () => {
    const words = [BEGIN, 0, PROP, 0, 0, END_NODE, END];
    expect(readFdt(withStructure(words, `${'a'.repeat(255)}\0`)).problem).toBeUndefined();
    expect(readFdt(withStructure(words, `${'a'.repeat(256)}\0`)).problem).toContain('a name');
  });

  test('nodes are nested up to 64 deep, and not deeper', () => {
    const nested = (depth: number): Uint8Array => {
      let node: FdtNode = fdtNode('x');
      for (let level = 1; level < depth; level += 1) node = fdtNode('x', {}, [node]);
      return writeFdt({ reservations: [], bootCpu: 0, root: node });
    };
    expect(readFdt(nested(64)).problem).toBeUndefined();
    expect(readFdt(nested(65)).problem).toContain('nested deeper than 64');
  });
});

describe('for any bytes', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9,@#-]{0,11}$/);
  const value = fc.uint8Array({ maxLength: 24 });
  const nodesOver = (children: fc.Arbitrary<FdtNode[]>): fc.Arbitrary<FdtNode> =>
    fc
      .tuple(name, fc.dictionary(name, value, { maxKeys: 4 }), children)
      .map((parts) => fdtNode(...parts));
  const leaf = nodesOver(fc.constant([]));
  const branch = nodesOver(fc.array(leaf, { maxLength: 3 }));
  const number64 = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
  const tree = fc.record({
    reservations: fc.array(fc.record({ address: number64, size: number64 }), { maxLength: 3 }),
    bootCpu: fc.nat(),
    root: nodesOver(fc.array(branch, { maxLength: 3 })),
  });

  test('every tree comes back as it was', () => {
    fc.assert(
      fc.property(tree, (written) => {
        expect(readFdt(writeFdt(written)).value).toEqual(written);
      }),
    );
  });

  test('a damaged tree is read or refused, and walked to its end, without throwing', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(tree, damage, fc.nat(40), (written, changes, cut) => {
        const bytes = writeFdt(written);
        for (const [at, to] of changes) bytes[at % bytes.length] = to;
        const { value: read, problem } = readFdt(bytes.subarray(0, bytes.length - cut));
        expect(read === undefined).toBe(problem !== undefined);
        const paths = read === undefined ? [] : [...fdtPaths(read.root)];
        for (const path of paths) readFdtReg(path);
      }),
    );
  });

  test('any words behind a good header are read or refused', () => {
    const words = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 9), fc.nat(0xffffffff)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(words, (structure) => {
        const { value: read, problem } = readFdt(withStructure(structure));
        expect(read === undefined).toBe(problem !== undefined);
      }),
    );
  });
});
