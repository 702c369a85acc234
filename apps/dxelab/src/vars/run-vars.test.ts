import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, EFI_GLOBAL_VARIABLE, readKeyOption } from '@dxelab/uefi';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStyle } from '../render/style.ts';
import type { VarsRequest } from './run-vars.ts';
import { runVars } from './run-vars.ts';

/** As small as a store can be. */
const SMALL = 0x6000;
const timeStamp = new Uint8Array(16);

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dxelab-'));
  file = join(folder, 'a.fd');
  const storage = new MemoryStorage(SMALL);
  const store = new VariableStore(storage);
  const vendor = EFI_GLOBAL_VARIABLE;
  store.put({ name: 'Timeout', vendor, attributes: 7, data: Uint8Array.of(1, 0), timeStamp });
  store.put({ name: '\u001B[31m', vendor, attributes: 3, data: Uint8Array.of(27), timeStamp });
  writeFileSync(file, storage.bytes);
});
afterEach(() => rmSync(folder, { recursive: true }));

function ask(
  action: VarsRequest['action'],
  name?: string,
  value?: string,
  options: VarsRequest['options'] = {},
): ReturnType<typeof runVars> {
  return runVars({ file, action, name, value, options });
}

describe('what dxelab vars cannot do: it says what is wrong, and changes nothing', () => {
  test.each([
    ['show', undefined, undefined, 'show wants the name of a variable'],
    ['set', 'Timeout', undefined, 'set Timeout wants a value'],
    ['list', 'Timeout', undefined, "list knows nothing to do with 'Timeout'"],
    ['show', 'Timeuot', undefined, "has no variable Timeuot (did you mean 'Timeout'?)"],
    ['delete', 'db', undefined, 'has no variable db'],
    ['set', 'Timeout', 'soon', 'Timeout: expected a number of seconds up to 65535'],
    ['set', 'BootNxt', '0001', "give its bytes with --hex (did you mean 'BootNext'?)"],
    ['set', 'ConOut', 'Pci(', 'ConOut: EFI_INVALID_PARAMETER'],
    ['set', 'Key0000', 'F9', 'Key0000: expected an option and its keys such as Boot001F by F9'],
    ['set', 'Key0000', 'Boot0001 by F9', 'has no variable Boot0001, which the hot key is to boot'],
    ['set', 'HwErrRec0000', '1', 'what HwErrRec0000 means is not known: give its bytes'],
  ] as const)('%s %s %s', async (action, name, value, problem) => {
    const before = readFileSync(file);
    expect(await ask(action, name, value)).toEqual({ problem: expect.stringContaining(problem) });
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder)).toEqual(['a.fd']);
  });

  test.each([
    ['half a byte', '012', 'expected bytes in hexadecimal'],
    ['nothing', '', 'expected bytes in hexadecimal'],
    ['more than there is room for', '00'.repeat(5000), 'EFI_OUT_OF_RESOURCES: no room for'],
  ])('bytes that are %s', async (_what, value, problem) => {
    const result = await ask('set', 'Mine', value, { hex: true });
    expect(result).toEqual({ problem: expect.stringContaining(problem) });
  });
});

describe('what dxelab vars changes', () => {
  test('a hundred changes leave a store with the last of them, and all else as it was', async () => {
    for (let seconds = 0; seconds < 100; seconds += 1) await ask('set', 'Timeout', `${seconds}`);
    const { variables } = new VariableStore(new MemoryStorage(readFileSync(file)));
    expect([...variables].map(({ name, data }) => [name, ...data])).toEqual([
      ['\u001B[31m', 27],
      ['Timeout', 99, 0],
    ]);
  });

  test('a hot key is that of the boot option that is there', async () => {
    await ask('set', 'Boot0001', '\\a.efi');
    await ask('set', 'Key0000', 'Boot0001 by F9');
    const { variables } = new VariableStore(new MemoryStorage(readFileSync(file)));
    const [option, key] = ['Boot0001', 'Key0000'].map(
      (name) => variables.get(name, EFI_GLOBAL_VARIABLE)?.data ?? new Uint8Array(0),
    );
    expect(key && readKeyOption(key).value?.bootOptionCrc).toBe(option && crc32(option));
  });

  test('what a guest wrote does not reach the terminal as it is', async () => {
    const result = await ask('list');
    if ('problem' in result) throw new Error(result.problem);
    expect(result.text(createStyle(false))).not.toContain('\u001B');
    expect(result.text(createStyle(true))).toContain('\u001B');
  });
});
