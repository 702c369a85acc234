import {
  convertDevicePathToText,
  convertTextToDevicePath,
  crc32,
  EFI_GLOBAL_VARIABLE,
  isDevicePathValid,
  readKeyOption,
  readLoadOption,
  readLoadOptionName,
  writeKeyOption,
  writeLoadOption,
} from '@dxelab/uefi';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import { describe, expect, test } from 'vitest';
import { missingOvmfVars, readOvmfVars } from './ovmf-vars.fixture.ts';

const missing = missingOvmfVars();

describe.skipIf(missing !== undefined)(`A variable store of real OVMF ${missing ?? ''}`, () => {
  const bytes = missing === undefined ? readOvmfVars() : new Uint8Array(0);
  const open = (): VariableStore => new VariableStore(new MemoryStorage(bytes.slice()));
  const valueOf = (name: string): Uint8Array =>
    open().variables.get(name, EFI_GLOBAL_VARIABLE)?.data ?? new Uint8Array(0);
  const named = (): string[] => [...open().variables].map(({ name }) => name);

  test('is opened without changing a byte, and holds what firmware and Secure Boot put there', () => {
    const storage = new MemoryStorage(bytes.slice());
    const store = new VariableStore(storage);
    expect(Buffer.compare(storage.bytes, bytes)).toBe(0);
    const names = [...store.variables].map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['MTC', 'PK', 'KEK', 'db', 'Timeout', 'ConOut']));
  });

  test('its load options come back byte for byte (UEFI §3.1.3)', () => {
    const options = named().filter((name) => readLoadOptionName(name) !== undefined);
    expect(options.length).toBeGreaterThan(0);
    for (const name of options) {
      const { value } = readLoadOption(valueOf(name));
      if (value === undefined) throw new Error(`${name} is no load option`);
      expect(writeLoadOption(value)).toEqual(valueOf(name));
      expect(value.description).not.toBe('');
    }
  });

  test('its hot keys come back, and name their boot option by its CRC-32 (UEFI §3.1.6)', () => {
    const keys = named().filter((name) => name.startsWith('Key'));
    expect(keys.length).toBeGreaterThan(0);
    const bootOption = valueOf('Boot0000');
    for (const name of keys) {
      const { value } = readKeyOption(valueOf(name));
      if (value === undefined) throw new Error(`${name} is no key option`);
      expect(writeKeyOption(value)).toEqual(valueOf(name));
      expect(value.bootOption).toBe(0);
      expect(value.bootOptionCrc).toBe(crc32(bootOption));
    }
  });

  test('its consoles are paths of several instances, and come back from their text (§10.6)', () => {
    for (const name of ['ConIn', 'ConOut', 'ErrOut']) {
      const path = valueOf(name);
      expect(isDevicePathValid(path)).toBe(true);
      const text = convertDevicePathToText(path);
      expect(text).toContain('PciRoot(0x0)/');
      expect(convertTextToDevicePath(text)).toEqual(path);
      const edk2 = convertDevicePathToText(path, { edk2: true });
      expect(convertTextToDevicePath(edk2)).toEqual(path);
    }
  });

  test('takes changes, and its own ones with them through a reclaim', () => {
    const storage = new MemoryStorage(bytes.slice());
    const store = new VariableStore(storage);
    const before = [...store.variables].map(({ name }) => name);
    const big = {
      name: 'big',
      vendor: EFI_GLOBAL_VARIABLE,
      attributes: 7,
      timeStamp: new Uint8Array(16),
    };
    for (let round = 0; round < 40; round += 1) store.put({ ...big, data: new Uint8Array(0x4000) });
    const again = new VariableStore(new MemoryStorage(storage.bytes.slice()));
    expect([...again.variables].map(({ name }) => name)).toEqual([...before, 'big']);
  });
});
