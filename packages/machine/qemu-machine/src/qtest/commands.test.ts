import { PlatformFault } from '@dxelab/platform';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  base64ReadCommand,
  base64WriteCommand,
  fillCommand,
  inCommand,
  outCommand,
  readCommand,
  writeCommand,
} from './commands.ts';

test('ports, memory of every width, and blocks', () => {
  expect(inCommand(0xcfc, 4)).toBe('inl 0xcfc\n');
  expect(outCommand(0x3f8, 1, 0x41)).toBe('outb 0x3f8 0x41\n');
  expect(readCommand(0xe000_0000, 2)).toBe('readw 0xe0000000\n');
  expect(writeCommand(2 ** 32, 8, 2n ** 63n)).toBe('writeq 0x100000000 0x8000000000000000\n');
  expect(base64ReadCommand(0x1000, 512)).toBe('b64read 0x1000 0x200\n');
  expect(base64WriteCommand(0x1000, Uint8Array.of(1))).toBe('b64write 0x1000 0x1 AQ==\n');
  expect(fillCommand(0x1000, 16, 0x1ff)).toBe('memset 0x1000 0x10 0xff\n');
});

/** What QEMU's parser takes: a word, and numbers that strtoul understands, each after one space. */
const WELL_FORMED = /^[a-z0-9]+( (0x[0-9a-f]+))+( [A-Za-z0-9+/]+=*)?\n$/;

/** A command, or a well-formed one in place of what was not made. */
function attempt(make: () => string): string {
  try {
    return make();
  } catch (caught) {
    if (caught instanceof PlatformFault) return 'none 0x0\n';
    throw caught;
  }
}

test('whatever comes, a command is well-formed or is not made: QEMU aborts at others', () => {
  const number = fc.oneof(fc.integer(), fc.double(), fc.bigInt().map(Number));
  fc.assert(
    fc.property(number, number, fc.uint8Array({ maxLength: 40 }), (address, value, bytes) => {
      for (const make of [
        () => inCommand(address, 1),
        () => outCommand(address, 4, value),
        () => readCommand(address, 8),
        () => writeCommand(address, 4, value),
        () => base64ReadCommand(address, value),
        () => base64WriteCommand(address, bytes),
        () => fillCommand(address, value, value),
      ]) {
        expect(attempt(make)).toMatch(WELL_FORMED);
      }
    }),
  );
});
