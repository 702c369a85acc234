import { describe, expect, test } from 'vitest';
import { QueueWorld } from './queue/queue-world.fixture.ts';
import { virtioReadConfig } from './virtio-read-config.ts';

/** A device that changes its configuration at the first `changes` reads. */
function changing(changes: number): { world: QueueWorld; read: () => number; reads: () => number } {
  const world = new QueueWorld();
  let generation = 0;
  let reads = 0;
  world.getConfigGeneration = () => generation;
  const read = (): number => {
    reads += 1;
    if (reads <= changes) generation += 1;
    return reads;
  };
  return { world, read, reads: () => reads };
}

describe('a configuration that changes while it is read (virtio §2.5.1)', () => {
  test.each([0, 1, 99])('%d times: it is read once more than that', (changes) => {
    const { world, read } = changing(changes);
    expect(virtioReadConfig(world, read)).toBe(changes + 1);
  });

  test('for ever: EFI_DEVICE_ERROR', () => {
    const { world, read } = changing(Infinity);
    expect(() => virtioReadConfig(world, read)).toThrow('EFI_DEVICE_ERROR');
  });

  test('what is thrown for a half of each is not believed', () => {
    const { world, read, reads } = changing(1);
    const strict = (): number => {
      if (read() === 1) throw new TypeError('of two configurations');
      return reads();
    };
    expect(virtioReadConfig(world, strict)).toBe(2);
    expect(() =>
      virtioReadConfig(world, () => {
        throw new TypeError('of one');
      }),
    ).toThrow('of one');
  });

  test('without a generation it is read once', () => {
    const { world, read, reads } = changing(5);
    expect(virtioReadConfig(undefined, read)).toBe(1);
    Object.defineProperty(world, 'ringFeatures', { value: 0x3000_0000n });
    virtioReadConfig(world, read);
    expect(reads()).toBe(2);
  });
});
