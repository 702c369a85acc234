import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigSpace } from './config-space.ts';

describe('configuration space', () => {
  test('software changes only the bits that are writable', () => {
    const config = new ConfigSpace();
    config.set(4, 4, 0xaaaa_aaaa);
    config.setWritable(4, 2, 0x00ff);
    config.write(4, 4, 0x5555_5555);
    expect(config.read(4, 4)).toBe(0xaaaa_aa55);
  });

  test('behind its end there is nothing', () => {
    const config = new ConfigSpace();
    config.write(0x100, 4, 0);
    expect(config.read(0x100, 4)).toBe(0xffff_ffff);
    expect(config.read(0x100, 2)).toBe(0xffff);
    expect(config.read(0xfff, 1)).toBe(0xff);
    expect(new ConfigSpace(0x1000).read(0xffc, 4)).toBe(0);
  });

  test('a reset clears what software can write', () => {
    const config = new ConfigSpace();
    config.set(8, 4, 0x1234_5678);
    config.setWritable(8, 2, 0x0ff0);
    config.write(8, 4, 0xffff_ffff);
    config.reset();
    expect(config.read(8, 4)).toBe(0x1234_5008);
  });

  test('whatever is written in whatever widths, read-only bits keep their value', () => {
    const write = fc.record({
      dword: fc.nat(3),
      width: fc.constantFrom(1 as const, 2 as const, 4 as const),
      value: fc.nat(0xffffffff),
    });
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }),
        fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }),
        fc.array(write),
        (initial, masks, writes) => {
          const config = new ConfigSpace();
          for (const [index, value] of initial.entries()) config.set(4 * index, 4, value);
          for (const [index, mask] of masks.entries()) config.setWritable(4 * index, 4, mask);
          for (const { dword, width, value } of writes) config.write(4 * dword, width, value);
          for (const [index, value] of initial.entries()) {
            const readOnly = ~(masks[index] ?? 0);
            expect((config.read(4 * index, 4) ^ value) & readOnly).toBe(0);
          }
        },
      ),
    );
  });
});
