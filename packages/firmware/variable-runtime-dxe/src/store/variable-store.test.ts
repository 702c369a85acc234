import { guid } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { OVMF_2M_VARIABLES_SIZE, OVMF_4M_VARIABLES_SIZE } from './flash-layout.ts';
import { Kill, TearingStorage } from './tearing-storage.fixture.ts';
import type { VariableRecord } from './variable-record.ts';
import { recordSize } from './variable-record.ts';
import { VariableStore } from './variable-store.ts';

const VENDOR = guid('837dca9e-e874-4d82-b29a-23fe0e23d1e2');
/** The smallest store there is: a block of variables. */
const SIZE = 0x6000;

function record(name: string, ...data: readonly number[]): VariableRecord {
  return {
    name,
    vendor: VENDOR,
    attributes: 7,
    data: Uint8Array.from(data),
    timeStamp: new Uint8Array(16),
  };
}

/** The variables of a store, in order: `name=data`. */
function contentOf(store: VariableStore): readonly string[] {
  return [...store.variables].map(({ name, data }) => `${name}=${data.join('.')}`);
}

const reopen = (storage: MemoryStorage): VariableStore =>
  new VariableStore(new MemoryStorage(storage.bytes.slice()));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('The layout of OVMF_VARS.fd (OvmfPkg/Include/Fdf/VarStore.fdf.inc)', () => {
  test.each([
    [OVMF_4M_VARIABLES_SIZE, '00400800', 'afb8', '84', 'b8ff0300'],
    [OVMF_2M_VARIABLES_SIZE, '00000200', '19f9', '20', 'b8df0000'],
  ])('%i bytes: the headers of an empty store', (size, fvLength, checksum, blocks, storeSize) => {
    const storage = new MemoryStorage(size);
    expect(contentOf(new VariableStore(storage))).toEqual([]);
    expect(hex(storage.bytes.subarray(0, 0x64))).toBe(
      `${'00'.repeat(16)}8d2bf1ff96768b4ca9852747075b4f50${fvLength}000000005f465648fffe0400` +
        `4800${checksum}00000002${blocks}00000000100000${'00'.repeat(8)}` +
        `782cf3aa7b949a43a1802e144ec37792${storeSize}5afe000000000000`,
    );
  });

  test('a record: header, name with its NUL, data, up to a multiple of four', () => {
    const storage = new MemoryStorage(SIZE);
    new VariableStore(storage).put(record('A', 1, 2, 3));
    expect(hex(storage.bytes.subarray(0x64, 0x64 + 72))).toBe(
      `aa553f0007000000${'00'.repeat(8)}${'00'.repeat(16)}000000000400000003000000` +
        '9eca7d8374e8824db29a23fe0e23d1e241000000010203ff' +
        'ffffffff',
    );
  });

  test('the journal of a fault-tolerant write, as FaultTolerantWriteDxe has it', () => {
    const storage = new MemoryStorage(SIZE);
    const store = new VariableStore(storage);
    while (storage.bytes[0x3000] === 0xff) store.put(record('A', ...new Uint8Array(200)));
    expect(hex(storage.bytes.subarray(0x2000, 0x2070))).toBe(
      `2b29589e687c7d49a0ce6500fd9f1b952caf2c64feffffffe00f000000000000` +
        `f8ffffff8d2bf1ff96768b4ca9852747075b4f50` +
        `ffffffff01000000000000000000000000000000` +
        `f9ffffffffffffff00000000000000004800000000000000b80f00000000000000d0ffffffffffff`,
    );
  });

  test.each<[string, number]>([
    ['an odd number of blocks', 0x7000],
    ['less than six blocks', 0x4000],
    ['part of a block', 0x6800],
  ])('%s is no size for a store', (_what, size) => {
    expect(() => new VariableStore(new MemoryStorage(size))).toThrow('EFI_INVALID_PARAMETER');
  });

  test('what is something else is left alone', () => {
    const storage = new MemoryStorage(new Uint8Array(SIZE).fill(0x41));
    expect(() => new VariableStore(storage)).toThrow('EFI_VOLUME_CORRUPTED');
    expect(storage.bytes.every((byte) => byte === 0x41)).toBe(true);
  });

  test.each([
    [0x28, 'there is no firmware volume'],
    [0x10, 'the volume is not for variables'],
    [0x20, 'the volume has another size'],
    [0x30, 'its header has another length'],
    [0x32, 'the checksum of its header is wrong'],
    [0x48, 'not in the format of authenticated variables'],
    [0x58, 'its store has'],
    [0x5c, 'its store is not healthy'],
  ])('a byte that is wrong at 0x%s: %s', (offset, why) => {
    const storage = new MemoryStorage(SIZE);
    new VariableStore(storage).put(record('A', 1));
    storage.bytes[offset] = (storage.bytes[offset] ?? 0) ^ 0x55;
    expect(() => reopen(storage)).toThrow(why);
  });

  test('a new file of zeros becomes a store', () => {
    const storage = new MemoryStorage(new Uint8Array(SIZE));
    new VariableStore(storage).put(record('A', 1));
    expect(contentOf(reopen(storage))).toEqual(['A=1']);
  });
});

describe('A store of variables', () => {
  test('keeps them, in the order in which they were written last', () => {
    const storage = new MemoryStorage(SIZE);
    const store = new VariableStore(storage);
    for (const one of [record('A', 1), record('B', 2), record('C', 3)]) store.put(one);
    store.put(record('A', 4));
    store.delete(record('B'));
    expect(contentOf(store)).toEqual(['C=3', 'A=4']);
    expect(contentOf(reopen(storage))).toEqual(['C=3', 'A=4']);
    expect(reopen(storage).used).toBe(store.used);
    expect(() => store.delete(record('B'))).toThrow('EFI_NOT_FOUND');
  });

  test('names of one vendor are not those of another', () => {
    const store = new VariableStore(new MemoryStorage(SIZE));
    const other = guid('00000000-0000-0000-0000-000000000001');
    store.put(record('A', 1));
    store.put({ ...record('A', 2), vendor: other });
    expect(store.variables.get('A', VENDOR)?.data).toEqual(Uint8Array.of(1));
    expect(store.variables.get('A', other)?.data).toEqual(Uint8Array.of(2));
  });

  test('clears deleted records away when it is full, until what counts leaves no room', () => {
    const storage = new MemoryStorage(SIZE);
    const store = new VariableStore(storage);
    const room = store.capacity - recordSize('A', 0);
    for (let round = 0; round < 50; round += 1)
      store.put(record('A', ...new Uint8Array(room).fill(round)));
    expect(store.used).toBe(store.capacity);
    expect(() => store.put(record('B'))).toThrow('EFI_OUT_OF_RESOURCES');
    expect(() => store.put(record('A', ...new Uint8Array(room + 1)))).toThrow(
      'EFI_OUT_OF_RESOURCES',
    );
    expect(contentOf(reopen(storage))).toEqual([`A=${'49.'.repeat(room).slice(0, -1)}`]);
    store.delete(record('A'));
    store.put(record('B'));
    expect(contentOf(reopen(storage))).toEqual(['B=']);
  });

  test('clears nothing away where it may not', () => {
    const store = new VariableStore(new MemoryStorage(SIZE));
    const room = store.capacity - recordSize('A', 0);
    store.put(record('A', ...new Uint8Array(room)));
    store.delete(record('A'));
    expect(() => store.put(record('B'), false)).toThrow('EFI_OUT_OF_RESOURCES');
  });

  test('a storage that fails once does not lose what it has', () => {
    const storage = new TearingStorage(SIZE);
    const store = new VariableStore(storage);
    const big = new Uint8Array(store.capacity - recordSize('A', 0) - 100);
    store.put(record('A', ...big));
    // In the middle of the copy from the spare area: the journal knows that it is due.
    storage.budget = 2 * 0x1000 + 600;
    expect(() => store.put(record('A', ...big.fill(1)))).toThrow(Kill);
    storage.budget = Infinity;
    store.put(record('B', 2));
    expect(contentOf(store)).toEqual([`A=${big.join('.')}`, 'B=2']);
    expect(contentOf(reopen(storage))).toEqual(contentOf(store));
  });
});

describe('A kill at any byte', () => {
  const big = new Uint8Array(900);
  /** Creates, replaces, deletes, and clears away twice. */
  const steps: readonly ((store: VariableStore) => void)[] = [
    (store) => store.put(record('A', 1, 2, 3)),
    (store) => store.put(record('B', ...big.fill(1))),
    (store) => store.put(record('A', 4, 5, 6, 7, 8)),
    (store) => store.put(record('B', ...big.fill(2))),
    (store) => store.delete(record('A')),
    (store) => store.put(record('C')),
    (store) => store.put(record('B', ...big.fill(3))),
    (store) => store.put(record('A', 9)),
    (store) => store.put(record('B', ...big.fill(4))),
    (store) => store.put(record('B', ...big.fill(5))),
    (store) => store.put(record('D', 10)),
    (store) => store.put(record('B', ...big.fill(6))),
    (store) => store.put(record('B', ...big.fill(7))),
    (store) => store.delete(record('B')),
  ];

  /** What stands in the storage after each byte that changes it, and during which step: 0 makes the store. */
  function* kills(): Generator<{ image: Uint8Array; during: number }, void, undefined> {
    const storage = new TearingStorage(SIZE);
    const image = storage.bytes.slice();
    const store = new VariableStore(storage);
    for (let during = 0; ; during += 1) {
      for (const { offset, bytes } of storage.log.splice(0)) {
        for (const [index, byte] of bytes.entries()) {
          if (image[offset + index] === byte) continue;
          image[offset + index] = byte;
          yield { image, during };
        }
      }
      const step = steps[during];
      if (step === undefined) return;
      step(store);
    }
  }

  /** The content after each step. */
  function contents(): readonly string[] {
    const store = new VariableStore(new MemoryStorage(SIZE));
    const after = steps.map((step) => {
      step(store);
      return JSON.stringify(contentOf(store));
    });
    return ['[]', ...after];
  }

  test('leaves what was there before a change or what is there after it, and nothing else', () => {
    const expected = contents();
    const problems: string[] = [];
    const seen = new Set<number>();
    let tears = 0;
    for (const { image, during } of kills()) {
      const store = new VariableStore(new MemoryStorage(image.slice()));
      const content = JSON.stringify(contentOf(store));
      const isWhole = content === expected[during - 1] || content === expected[during];
      if (!isWhole) problems.push(`step ${during}: ${content}`);
      // It works on: nothing that was torn is in the way.
      store.put(record('E', 1));
      if (store.variables.get('E', VENDOR) === undefined) problems.push(`step ${during}: no room`);
      seen.add(during);
      tears += 1;
    }
    expect(problems).toEqual([]);
    expect(seen.size).toBe(steps.length + 1);
    expect(tears).toBeGreaterThan(5000);
  });

  test('and the next boot may be killed as well, while it mends', () => {
    let count = 0;
    for (const { image } of kills()) {
      count += 1;
      if (count % 97 !== 0) continue;
      const expected = contentOf(new VariableStore(new MemoryStorage(image.slice())));
      for (let budget = 0; budget < 0x1100; budget += 211) {
        const storage = new TearingStorage(image.slice());
        storage.budget = budget;
        try {
          expect(contentOf(new VariableStore(storage))).toEqual(expected);
        } catch (caught) {
          if (!(caught instanceof Kill)) throw caught;
        }
        expect(contentOf(reopen(storage))).toEqual(expected);
      }
    }
    expect(count).toBeGreaterThan(5000);
  });
});
