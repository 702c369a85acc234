import { createNodeHost } from '@dxelab/node-host';
import type { RingPicture } from '@dxelab/ring';
import { RingRecorder, tellStory } from '@dxelab/ring';
import type { DeviceInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareScenario } from '@dxelab/scenario';
import { describe, expect, test } from 'vitest';

async function run(device: DeviceInput, recorder?: RingRecorder) {
  const scenario = defineScenario({
    machine: { memory: '64 MiB', devices: [device] },
    steps: [{ connect: 'all' }],
  });
  const prepared = await prepareScenario(scenario, createNodeHost(import.meta.url));
  const { virtualTime, accesses } = boot(prepared, {
    instrument: recorder,
    wallClock: () => 0,
  });
  prepared.close();
  return { virtualTime, accesses };
}

const image = { zeros: '1 MiB' } as const;

describe('a recorded boot', () => {
  test('is the same boot: to the nanosecond, and to the access', async () => {
    const device = { 'virtio-blk': { image } } as const;
    expect(await run(device, new RingRecorder())).toEqual(await run(device));
  });

  test.each<[string, DeviceInput]>([
    ['legacy PCI', { 'virtio-blk': { image, transport: 'pci-legacy' } }],
    ['modern PCI', { 'virtio-blk': { image, transport: 'pci-modern' } }],
    ['MMIO version 1', { 'virtio-blk': { image, transport: 'mmio', version: 1 } }],
    ['MMIO version 2', { 'virtio-blk': { image, transport: 'mmio', version: 2 } }],
  ])('over %s shows the same way of a request', async (_, device) => {
    const recorder = new RingRecorder();
    await run(device, recorder);
    const { pictures } = tellStory(recorder.queues, { step: 'all' });
    expect(pictures.map(stepOf)).toEqual([
      'driver: descriptor 0',
      'driver: descriptor 1',
      'driver: descriptor 2',
      'driver: available-entry 0',
      'driver: available-index',
      'driver notifies',
      'device: used-index,used-element 0',
    ]);
  });

  test('with a device that is slow has a request in flight as long', async () => {
    const recorder = new RingRecorder();
    await run({ 'virtio-blk': { image, latency: '1 ms' } }, recorder);
    const { steps } = tellStory(recorder.queues);
    const [notified, used] = steps.slice(-2);
    expect((used?.time ?? 0) - (notified?.time ?? 0)).toBeGreaterThanOrEqual(1_000_000);
  });
});

function stepOf({ actor, notifies, fresh }: RingPicture): string {
  return notifies ? `${actor} notifies` : `${actor}: ${fresh.join(',')}`;
}
