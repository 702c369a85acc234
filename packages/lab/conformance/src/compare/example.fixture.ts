import { agrees, compareScenario } from '@dxelab/compare';
import { createNodeHost } from '@dxelab/node-host';
import { defineScenario } from '@dxelab/scenario';

/** What differs between our empty disk and QEMU's, as drivers see them. */
export async function differencesOfADisk(): Promise<readonly string[]> {
  const scenario = defineScenario({
    machine: { memory: '64 MiB', devices: [{ 'virtio-blk': { image: { zeros: '1 MiB' } } }] },
    steps: [{ connect: 'all' }],
    expect: [{ outcome: 'completed' }],
    differences: [{ chipset: 'any', reason: 'a q35 has an ICH9, and we have none' }],
  });
  const comparison = await compareScenario(scenario, createNodeHost(import.meta.url));
  if (agrees(comparison)) return [];
  return comparison.differences
    .filter(({ reason }) => reason === undefined)
    .map(({ device, name, texts }) => `${device} ${name}: ${texts.join(' | ')}`);
} // ['virtio-blk 02.0 common.deviceFeature: no bits | bits 4']
