import { expect, test } from 'vitest';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { differencesOfADisk } from './example.fixture.ts';

/** Why this test is skipped; it stands in its title. */
const skip = whyNoQemu();

test.skipIf(skip !== undefined)(
  `the example finds the one thing in which an empty disk differs from QEMU's ${skip ?? ''}`,
  async () => {
    expect(await differencesOfADisk()).toEqual([
      'virtio-blk 02.0 common.deviceFeature: no bits | bits 4',
    ]);
  },
);
