import { describe, expect, test } from 'vitest';
import { vringLayout } from './virtio-ring.ts';

describe('VirtioRingInit lays a ring out (virtio §2.7; legacy alignment of 4096)', () => {
  test.each([
    [1, 16, 4096, 2],
    [64, 1024, 4096, 2],
    [128, 2048, 4096, 2],
    [256, 4096, 8192, 3],
    [512, 8192, 12288, 5],
    [1024, 16384, 20480, 8],
    [2048, 32768, 40960, 15],
    [32768, 524288, 593920, 210],
  ])('%i descriptors: avail at %i, used at %i, %i pages', (queueSize, avail, used, pages) => {
    expect(vringLayout(queueSize)).toEqual({ avail, used, pages });
  });
});
