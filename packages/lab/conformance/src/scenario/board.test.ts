import type { DeviceInput } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { bootLive } from './live.fixture.ts';

const image = { zeros: '1 MiB' };
const onMmio: DeviceInput = { 'virtio-blk': { image, transport: 'mmio' } };
const onPci: DeviceInput = { 'virtio-blk': { image } };

test.each<[string, readonly DeviceInput[], boolean]>([
  ['devices on MMIO alone: a board without PCI, as microvm', [onMmio, onMmio], false],
  ['devices on both', [onMmio, onPci], true],
  ['devices on PCI', [onPci], true],
  ['no devices: a PC all the same', [], true],
])('%s', (_what, devices, present) => {
  const { expectations } = bootLive({
    machine: { memory: '64 MiB', devices },
    steps: [{ connect: 'all' }],
    expect: [{ handle: 'PciRoot(0x0)', present }],
  });
  expect(expectations).toMatchObject([{ held: true }]);
});
