import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackendError } from '@dxelab/block-backends';
import type { BlockBackend } from '@dxelab/block-backends';
import { MemoryBackend } from '@dxelab/block-backends';
import { SparseBackend } from '@dxelab/block-backends';
import { TestMachine } from '../../test-machine.fixture.ts';
import type { Piece } from '../../test-driver.fixture.ts';
import { LegacyMachine } from '../../transports/pci-legacy/legacy-machine.fixture.ts';
import type { VirtioBlkOptions } from './virtio-blk-options.ts';
import { VirtioBlk } from './virtio-blk.ts';

const VERSION_1 = 1n << 32n;
const RO = 1n << 5n;
const FLUSH = 1n << 9n;
const CONFIG_WCE = 1n << 11n;
const DISCARD = 1n << 13n;
const WRITE_ZEROES = 1n << 14n;
const ALL = FLUSH | CONFIG_WCE | DISCARD | WRITE_ZEROES;

const T = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8, LIFETIME: 10, DISCARD: 11, WRITE_ZEROES: 13 };
const S = { OK: 0, IOERR: 1, UNSUPP: 2 };
const CANARY = 0xc5;
const SECTORS = 64;

/** A disk that counts its flushes, whose sector n is filled with n. */
class CountingDisk extends MemoryBackend {
  readonly bytes: Uint8Array;
  flushes = 0;

  constructor(sectors = SECTORS) {
    const bytes = new Uint8Array(sectors * 512).map((_, index) => index >> 9);
    super(bytes);
    this.bytes = bytes;
  }

  override flush(): void {
    this.flushes++;
  }

  discard(position: number, length: number): void {
    this.bytes.fill(0xdd, position, position + length);
  }
}

function start(options: Partial<VirtioBlkOptions> = {}, features = 0n) {
  const disk = new CountingDisk();
  const bench = new TestMachine(new VirtioBlk({ backend: disk, ...options }));
  bench.start(VERSION_1 | features);
  return { bench, disk };
}

function header(type: number, sector: number | bigint = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setBigUint64(8, BigInt(sector), true);
  return bytes;
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** Does one request and returns its status byte (the canary if none was written) and its used length. */
function request(bench: TestMachine, ...pieces: Piece[]): { status: number; length: number } {
  bench.offer(pieces);
  const last = pieces.length - 1;
  const size = pieces[last];
  if (typeof size !== 'number') throw new Error('a request ends with room for a status');
  return { status: bench.bytes(last, size)[size - 1] ?? CANARY, length: bench.used().length };
}

function segment(sector: number | bigint, sectors: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(sector), true);
  view.setUint32(8, sectors, true);
  view.setUint32(12, flags, true);
  return bytes;
}

describe('the configuration (§5.2.4)', () => {
  test('says how large the disk is and how it likes to be used', () => {
    const { bench } = start({
      blockSize: 4096,
      topology: { physicalBlockExp: 3, alignmentOffset: 1, optIoSize: 16 },
      sizeMax: 65536,
    });
    expect(bench.get(0x2000, 4)).toBe(SECTORS);
    expect(bench.get(0x2004, 4)).toBe(0);
    expect(bench.get(0x2008, 4)).toBe(65536);
    expect(bench.get(0x200c, 4)).toBe(254);
    expect(bench.get(0x2014, 4)).toBe(4096);
    expect([
      bench.get(0x2018, 1),
      bench.get(0x2019, 1),
      bench.get(0x201a, 2),
      bench.get(0x201c, 4),
    ]).toEqual([3, 1, 8, 16]);
    expect(bench.get(0x2020, 1)).toBe(1);
    expect([bench.get(0x2024, 4), bench.get(0x2028, 4), bench.get(0x202c, 4)]).toEqual([
      0x3fffff, 16, 8,
    ]);
    expect([bench.get(0x2030, 4), bench.get(0x2034, 4), bench.get(0x2038, 1)]).toEqual([
      0x3fffff, 16, 1,
    ]);
    expect(bench.broken).toEqual([]);
  });

  test('can say so of 2^53 bytes, and lie about it', () => {
    const large = new TestMachine(new VirtioBlk({ backend: new SparseBackend(2 ** 53 - 512) }));
    expect([large.get(0x2000, 4), large.get(0x2004, 4)]).toEqual([0xffff_ffff, 0xfff]);
    const { bench } = start({ claimedCapacity: 2n ** 64n - 1n });
    expect([bench.get(0x2000, 4), bench.get(0x2004, 4)]).toEqual([0xffff_ffff, 0xffff_ffff]);
    expect(request(bench, header(T.IN, SECTORS), 512, 1).status).toBe(S.IOERR);
    expect(bench.broken).toEqual([]);
  });

  test('offers RO, and nothing that changes, of a disk that cannot be written (§5.2.3)', () => {
    const readOnly = new TestMachine(
      new VirtioBlk({ backend: new MemoryBackend(512, { readOnly: true }) }),
    );
    expect(readOnly.features & (RO | DISCARD | WRITE_ZEROES)).toBe(RO);
    const { bench } = start();
    expect(bench.features & (RO | ALL)).toBe(ALL);
  });
});

describe('a read (§5.2.6)', () => {
  test('delivers sectors, and the status behind them', () => {
    const { bench } = start();
    expect(request(bench, header(T.IN, 5), 1024, 1)).toEqual({ status: S.OK, length: 1025 });
    expect([...bench.bytes(1, 1024)].filter((byte) => byte === 5)).toHaveLength(512);
    expect(bench.bytes(1, 1024)[512]).toBe(6);
  });

  test('means the same however it is cut (§2.7.4.1)', () => {
    const { bench } = start();
    const head = header(T.IN, 5);
    const pieces = [head.subarray(0, 3), head.subarray(3), 100, 412, 7, 506];
    expect(request(bench, ...pieces)).toEqual({ status: S.OK, length: 1025 });
    expect(bench.bytes(3, 412).every((byte) => byte === 5)).toBe(true);
    expect(
      bench
        .bytes(5, 506)
        .subarray(0, 505)
        .every((byte) => byte === 6),
    ).toBe(true);
  });

  test('of nothing succeeds', () => {
    const { bench } = start();
    expect(request(bench, header(T.IN, SECTORS), 1)).toEqual({ status: S.OK, length: 1 });
  });

  test.each([
    ['beyond the capacity', SECTORS, 512],
    ['across the capacity', SECTORS - 1, 1024],
    ['at 2^53 sectors', 2n ** 53n, 512],
    ['at 2^64 - 1 sectors', 2n ** 64n - 1n, 512],
    ['of half a sector', 0, 256],
  ])('%s is an I/O error that delivers nothing (§5.2.6.1)', (_name, sector, length) => {
    const { bench } = start();
    expect(request(bench, header(T.IN, sector), length, 1)).toEqual({ status: S.IOERR, length: 0 });
    expect(bench.bytes(1, length).every((byte) => byte === CANARY)).toBe(true);
    expect(bench.broken).toEqual(['virtio-1.4 5.2.6.1']);
  });

  test.each([
    [1, 4096, S.IOERR],
    [8, 512, S.IOERR],
    [8, 4096, S.OK],
  ])(
    'at sector %i of %i bytes of a disk of 4096-byte blocks ends with %i (§5.2.5)',
    (sector, length, status) => {
      const { bench } = start({ blockSize: 4096 });
      expect(request(bench, header(T.IN, sector), length, 1).status).toBe(status);
    },
  );
});

describe('a write (§5.2.6)', () => {
  test('changes the disk, however it is cut, and only the status is written', () => {
    const { bench, disk } = start();
    const head = header(T.OUT, 2);
    const joined = new Uint8Array(16 + 100);
    joined.set(head);
    joined.fill(0xaa, 16);
    expect(request(bench, joined, filled(412, 0xbb), 1)).toEqual({ status: S.OK, length: 1 });
    expect([
      disk.bytes[1024],
      disk.bytes[1123],
      disk.bytes[1124],
      disk.bytes[1535],
      disk.bytes[1536],
    ]).toEqual([0xaa, 0xaa, 0xbb, 0xbb, 3]);
    expect(request(bench, head.subarray(0, 8), head.subarray(8), filled(512, 1), 1).status).toBe(
      S.OK,
    );
    expect(disk.bytes[1024]).toBe(1);
  });

  test.each([
    ['beyond the capacity', SECTORS, 512],
    ['across the capacity', SECTORS - 1, 1024],
    ['of half a sector', 0, 256],
  ])('%s is an I/O error that changes nothing', (_name, sector, length) => {
    const { bench, disk } = start();
    const before = disk.bytes.slice();
    expect(request(bench, header(T.OUT, sector), filled(length, 9), 1).status).toBe(S.IOERR);
    expect(Buffer.compare(disk.bytes, before)).toBe(0);
  });

  test('to a read-only disk is an I/O error that changes nothing (§5.2.6.2)', () => {
    const { bench, disk } = start({ readOnly: true }, RO);
    expect(request(bench, header(T.OUT, 0), filled(512, 9), 1)).toEqual({
      status: S.IOERR,
      length: 1,
    });
    expect(disk.bytes[0]).toBe(0);
  });

  test.each([
    ['FLUSH negotiated: after a flush', FLUSH, undefined, 0],
    ['nothing negotiated: at once', 0n, undefined, 1],
    ['CONFIG_WCE without FLUSH: at once, and writeback reads 0', CONFIG_WCE, undefined, 1],
    ['CONFIG_WCE and writeback 0: at once', FLUSH | CONFIG_WCE, 0, 1],
    ['CONFIG_WCE and writeback 1: after a flush', FLUSH | CONFIG_WCE, 1, 0],
  ])('is stable with %s (§5.2.6.2)', (_name, features, writeback, flushes) => {
    const { bench, disk } = start({}, features);
    if (writeback !== undefined) bench.set(0x2020, 1, writeback);
    expect(bench.get(0x2020, 1)).toBe(features === CONFIG_WCE ? 0 : (writeback ?? 1));
    request(bench, header(T.OUT, 0), filled(512, 9), 1);
    expect(disk.flushes).toBe(flushes);
  });

  test('is stable at once with the cache off, whatever was negotiated', () => {
    const { bench, disk } = start({ writeCache: false }, FLUSH);
    request(bench, header(T.OUT, 0), filled(512, 9), 1);
    expect(disk.flushes).toBe(1);
  });

  test('can be made so only by a byte of 0 or 1, with its feature (§5.2.6.1)', () => {
    const { bench } = start({}, FLUSH);
    bench.set(0x2020, 1, 0);
    expect([bench.get(0x2020, 1), ...bench.broken]).toEqual([1, 'virtio-1.4 5.2.6.1']);
    const other = start({}, FLUSH | CONFIG_WCE).bench;
    other.set(0x2020, 1, 2);
    other.set(0x2000, 4, 1);
    expect(other.broken).toEqual(Array(2).fill('virtio-1.4 5.2.6.1'));
    other.set(0x2020, 1, 0);
    other.status = 0;
    expect(other.get(0x2020, 1)).toBe(1);
  });
});

describe('a flush (§5.2.6)', () => {
  test('reaches the disk', () => {
    const { bench, disk } = start({}, FLUSH);
    expect(request(bench, header(T.FLUSH), 1)).toEqual({ status: S.OK, length: 1 });
    expect(disk.flushes).toBe(1);
    request(bench, header(T.FLUSH, 1), 1);
    expect(bench.broken).toEqual(['virtio-1.4 5.2.6.1']);
  });

  test('is unsupported without its feature', () => {
    const { bench, disk } = start();
    expect(request(bench, header(T.FLUSH), 1).status).toBe(S.UNSUPP);
    expect(disk.flushes).toBe(0);
  });
});

describe('GET_ID (§5.2.6)', () => {
  test.each([
    ['disk-0', 'disk-0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'],
    ['12345678901234567890', '12345678901234567890'],
    [undefined, '\0'.repeat(20)],
  ])('of %s', (serial, id) => {
    const { bench } = start(serial === undefined ? {} : { serial });
    expect(request(bench, header(T.GET_ID), 20, 1)).toEqual({ status: S.OK, length: 21 });
    expect(String.fromCharCode(...bench.bytes(1, 20))).toBe(id);
  });

  test('fills what there is room for (§5.2.6.1)', () => {
    const { bench } = start({ serial: 'abcdef' });
    expect(request(bench, header(T.GET_ID), 4, 1)).toEqual({ status: S.OK, length: 5 });
    expect(request(bench, header(T.GET_ID), 32, 1)).toEqual({ status: S.OK, length: 20 });
    expect(bench.bytes(1, 32)[20]).toBe(CANARY);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 5.2.6.1'));
  });
});

describe('discard and write zeroes (§5.2.6)', () => {
  test('change their segments', () => {
    const { bench, disk } = start({}, ALL);
    expect(request(bench, header(T.WRITE_ZEROES), segment(1, 1, 1), segment(3, 2), 1).status).toBe(
      S.OK,
    );
    expect([512, 1024, 1536, 2559, 2560].map((at) => disk.bytes[at])).toEqual([0, 2, 0, 0, 5]);
    expect(request(bench, header(T.DISCARD), segment(1, 1), 1).status).toBe(S.OK);
    expect(disk.bytes[512]).toBe(0xdd);
  });

  test('write zeroes where the backend cannot by itself', () => {
    const disk = new CountingDisk();
    const simple: BlockBackend = {
      size: disk.size,
      readOnly: false,
      read: (...rest) => disk.read(...rest),
      write: (...rest) => disk.write(...rest),
      flush() {},
    };
    const { bench } = start({ backend: simple }, WRITE_ZEROES);
    expect(bench.features & DISCARD).toBe(0n);
    expect(request(bench, header(T.WRITE_ZEROES), segment(1, 2), 1).status).toBe(S.OK);
    expect([511, 512, 1535, 1536].map((at) => disk.bytes[at])).toEqual([0, 0, 0, 3]);
  });

  test.each([
    ['a discard with unmap', T.DISCARD, [segment(1, 1, 1)], S.UNSUPP],
    ['an unknown flag', T.WRITE_ZEROES, [segment(1, 1, 2)], S.UNSUPP],
    ['no segment', T.DISCARD, [], S.IOERR],
    ['half a segment', T.DISCARD, [filled(8, 0)], S.IOERR],
    ['17 segments', T.DISCARD, [filled(17 * 16, 0)], S.IOERR],
    ['too many sectors', T.DISCARD, [segment(0, 0x400000)], S.IOERR],
    [
      'a segment beyond the capacity',
      T.WRITE_ZEROES,
      [segment(1, 1), segment(SECTORS, 1)],
      S.IOERR,
    ],
    ['a segment at 2^63', T.WRITE_ZEROES, [segment(1, 1), segment(2n ** 63n, 1)], S.IOERR],
  ])('with %s change nothing', (_name, type, segments, status) => {
    const { bench, disk } = start({}, ALL);
    const before = disk.bytes.slice();
    expect(request(bench, header(type), ...segments, 1).status).toBe(status);
    expect(Buffer.compare(disk.bytes, before)).toBe(0);
  });

  test('are unsupported without their features', () => {
    const { bench } = start();
    expect(request(bench, header(T.DISCARD), segment(1, 1), 1).status).toBe(S.UNSUPP);
    expect(request(bench, header(T.WRITE_ZEROES), segment(1, 1), 1).status).toBe(S.UNSUPP);
  });
});

describe('a request', () => {
  test('of a type that the device does not know is unsupported', () => {
    const { bench } = start();
    expect(request(bench, header(T.LIFETIME), 6, 1)).toEqual({ status: S.UNSUPP, length: 0 });
    expect(request(bench, header(0xffffffff), 1)).toEqual({ status: S.UNSUPP, length: 1 });
  });

  test.each<[string, Piece[]]>([
    ['no room for a status', [header(T.FLUSH)]],
    ['half a header', [filled(15, 0), 1]],
    ['nothing to read', [512, 1]],
  ])('with %s cannot be answered: the device needs a reset', (_name, pieces) => {
    const { bench } = start();
    bench.offer(pieces);
    expect([bench.status, bench.usedIndex()]).toEqual([0x4f, 0]);
    expect(bench.broken).toEqual(['virtio-1.4 5.2.6']);
  });

  test('beyond the negotiated limits is served and reported (§5.2.3)', () => {
    const { bench } = start({ segMax: 1, sizeMax: 512 }, 0b110n);
    expect(request(bench, header(T.IN), 512, 1024, 1).status).toBe(S.OK);
    expect(bench.broken).toEqual(Array(2).fill('virtio-1.4 5.2.3'));
  });
});

describe('a backend that fails', () => {
  const broken: BlockBackend = {
    size: 1024,
    readOnly: false,
    read(position, target, offset, length) {
      if (position + length > 512)
        throw new BackendError('the file ends at 512: it had 1024 bytes');
      target.fill(7, offset, offset + length);
    },
    write() {
      throw new BackendError('no space left');
    },
    flush() {
      throw new BackendError('EIO');
    },
  };

  test('is an I/O error to the driver, and the used length promises only what was read', () => {
    const { bench } = start({ backend: broken }, FLUSH);
    expect(request(bench, header(T.IN, 0), 512, 512, 1)).toEqual({ status: S.IOERR, length: 512 });
    expect(request(bench, header(T.OUT, 0), filled(512, 0), 1)).toEqual({
      status: S.IOERR,
      length: 1,
    });
    expect(request(bench, header(T.FLUSH), 1).status).toBe(S.IOERR);
  });

  test('makes a write-through write fail, too', () => {
    const { bench } = start({ backend: { ...broken, write() {} } });
    expect(request(bench, header(T.OUT, 0), filled(512, 0), 1).status).toBe(S.IOERR);
  });

  test('is a bug where it throws anything else', () => {
    const { bench } = start({
      backend: {
        ...broken,
        read() {
          throw new TypeError('a bug');
        },
      },
    });
    expect(() => bench.offer([header(T.IN), 512, 1])).toThrow(TypeError);
  });
});

describe('options', () => {
  test('latency: a request completes in virtual time, in order', () => {
    const { bench, disk } = start({ latency: 50_000 });
    bench.offer([header(T.OUT, 0), filled(512, 9), 1]);
    bench.machine.platform.clock.delay(10_000);
    expect([disk.bytes[0], bench.usedIndex()]).toEqual([0, 0]);
    bench.offer([header(T.IN, 0), 512, 1], 0, 4);
    bench.machine.platform.clock.delay(100_000);
    expect([disk.bytes[0], bench.usedIndex(), bench.bytes(5, 1)[0]]).toEqual([9, 2, 9]);
  });

  test('latency: after a reset nothing is done', () => {
    const { bench, disk } = start({ latency: 50_000 });
    bench.offer([header(T.OUT, 0), filled(512, 9), 1]);
    bench.status = 0;
    bench.machine.platform.clock.delay(100_000);
    expect([disk.bytes[0], bench.usedIndex(), bench.bytes(2, 1)[0]]).toEqual([0, 0, CANARY]);
  });

  test('status: every request, or those that are chosen, ends with it', () => {
    const { bench } = start({ status: 'IOERR' });
    expect(request(bench, header(T.IN), 512, 1)).toEqual({ status: S.IOERR, length: 0 });
    const chosen = start({
      status: (type, sector) => (type === T.IN && sector === 3 ? 'UNSUPP' : undefined),
    });
    expect(request(chosen.bench, header(T.IN, 3), 512, 1).status).toBe(S.UNSUPP);
    expect(request(chosen.bench, header(T.IN, 4), 512, 1).status).toBe(S.OK);
  });

  test.each<[Partial<VirtioBlkOptions>, string]>([
    [
      { backend: new MemoryBackend(0) },
      'backend must be at least one block of 512 bytes; it is 0 bytes',
    ],
    [
      { backend: new MemoryBackend(1000) },
      'backend must be whole blocks of 512 bytes; it is 1000 bytes',
    ],
    [{ blockSize: 1000 }, 'blockSize must be 512, 1024, 2048, 4096; it is 1000'],
    [{ blockSize: 4096, backend: new MemoryBackend(512) }, 'whole blocks of 4096 bytes'],
    [{ queueSize: 3 }, 'queueSize must be a power of two, or 0; it is 3'],
    [{ serial: 'x'.repeat(21) }, 'serial must be up to 20 printable characters'],
    [{ serial: 'ä' }, 'serial must be'],
    [
      { readOnly: false, backend: new MemoryBackend(512, { readOnly: true }) },
      'readOnly must be true, as the backend is; it is false',
    ],
    [{ latency: -1 }, 'latency must be a whole number from 0'],
    [
      { topology: { physicalBlockExp: 256 } },
      'physicalBlockExp must be a whole number from 0 to 255; it is 256',
    ],
    [{ segMax: 0 }, 'segMax must be'],
    [{ claimedCapacity: 2n ** 64n }, 'claimedCapacity must be 64 bits'],
  ])('that no disk can have are refused: %o', (options, message) => {
    expect(() => new VirtioBlk({ backend: new MemoryBackend(512), ...options })).toThrow(message);
  });
});

test('tracing shows the requests, in QEMU’s words', () => {
  const events: [string, unknown][] = [];
  const bench = new TestMachine(new VirtioBlk({ backend: new CountingDisk() }), {
    name: 'vda',
    trace: (name, fields) => events.push([name, fields]),
  });
  bench.start();
  events.length = 0;
  request(bench, header(T.IN, 5), 1024, 1);
  request(bench, header(T.OUT, 7), filled(512, 0), 1);
  expect(events.filter(([name]) => name.startsWith('virtio_blk'))).toEqual([
    ['virtio_blk_handle_read', { device: 'vda', sector: 5, nsectors: 2 }],
    ['virtio_blk_req_complete', { device: 'vda', type: 0, status: 0 }],
    ['virtio_blk_handle_write', { device: 'vda', sector: 7, nsectors: 1 }],
    ['virtio_blk_req_complete', { device: 'vda', type: 1, status: 0 }],
  ]);
});

test('whatever a driver writes into rings and requests, the device stays within RAM and disk', () => {
  const piece = fc.oneof(
    fc
      .record({
        type: fc.constantFrom(...Object.values(T), 99),
        sector: fc.oneof(fc.nat(70), fc.maxSafeNat()),
      })
      .map(({ type, sector }) => header(type, sector)),
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(1100),
  );
  const patch = fc.record({ offset: fc.nat(0x9000), value: fc.oneof(fc.nat(0xff), fc.nat()) });
  fc.assert(
    fc.property(
      fc.array(fc.array(piece, { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
      fc.array(patch, { maxLength: 6 }),
      fc.constantFrom(0, 1000),
      (requests, patches, latency) => {
        const { bench, disk } = start({ latency }, ALL);
        for (const pieces of requests) {
          bench.offer(pieces);
          for (const { offset, value } of patches) {
            bench.machine.platform.ram.writeUint32(bench.rings(0).desc + offset, value);
          }
          bench.notify(0);
        }
        bench.machine.platform.clock.delay(10_000);
        expect(bench.marginsIntact).toBe(true);
        expect(disk.bytes).toHaveLength(SECTORS * 512);
      },
    ),
    { numRuns: 200 },
  );
}, 30_000);

describe('through a legacy interface (§5.2.5.3)', () => {
  const WRITEBACK = 0x20;

  function legacy(): LegacyMachine {
    return new LegacyMachine(new VirtioBlk({ backend: new MemoryBackend(4096) }));
  }

  test('the cache mode may be chosen before features are accepted, and stays', () => {
    const bench = legacy();
    bench.status = 1;
    bench.writeConfig(WRITEBACK, 1, 0);
    expect(bench.config(WRITEBACK, 1)).toBe(0);
    bench.status = 3;
    bench.accept(FLUSH | CONFIG_WCE);
    bench.enable(0);
    bench.status = 7;
    expect(bench.config(WRITEBACK, 1)).toBe(0);
    expect(bench.broken).toEqual([]);
  });

  test('accepting CONFIG_WCE without FLUSH does not change it', () => {
    const bench = legacy();
    bench.start(CONFIG_WCE);
    expect(bench.config(WRITEBACK, 1)).toBe(1);
  });

  test('without CONFIG_WCE it is not to be chosen any more', () => {
    const bench = legacy();
    bench.start(FLUSH);
    bench.writeConfig(WRITEBACK, 1, 0);
    expect(bench.config(WRITEBACK, 1)).toBe(1);
    expect(bench.broken).toEqual(['virtio-1.4 5.2.6.1']);
  });
});
