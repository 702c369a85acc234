import { createNodeHost } from '@dxelab/node-host';
import { RingRecorder, ringText, tellStory } from '@dxelab/ring';
import { boot, defineScenario, prepareScenario } from '@dxelab/scenario';

/** The first request to an empty disk, at the moment when the device has it. */
export async function firstRead(): Promise<string> {
  const scenario = defineScenario({
    machine: {
      memory: '64 MiB',
      devices: [{ 'virtio-blk': { image: { zeros: '1 MiB' }, queueSize: 8 } }],
    },
    steps: [{ connect: 'all' }],
    expect: [{ outcome: 'completed' }],
  });
  const prepared = await prepareScenario(scenario, createNodeHost(import.meta.url));
  const recorder = new RingRecorder();
  boot(prepared, { instrument: recorder });
  prepared.close();
  const { pictures } = tellStory(recorder.queues, { device: 'virtio-blk', request: 1 });
  return pictures.map((picture) => ringText(picture)).join('\n');
}
