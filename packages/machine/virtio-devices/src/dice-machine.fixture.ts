import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from '@dxelab/pci-devices';
import { MemoryBackend, OverlayBackend, VirtioBlk, VirtioPciModern } from './index.ts';
import { VirtioDice } from './virtio-dice.fixture.ts';

const image = new MemoryBackend(16 * 2 ** 20, { readOnly: true });
const pci = new PciHostBridge();
pci.plug('02.0', new VirtioPciModern(new VirtioDice(20), { name: 'dice' }));
pci.plug('03.0', new VirtioPciModern(new VirtioBlk({ backend: new OverlayBackend(image) })));

export const findings: string[] = [];
export const { platform } = createEmulatedMachine({
  memory: 64 * 2 ** 20,
  devices: [pci],
  onFinding: ({ rule, device, message }) => findings.push(`${device}: ${message} (${rule})`),
});
