import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { describe, expect, test } from 'vitest';
import { Recorder } from './recorder.fixture.ts';
import { VirtioWorld } from './virtio-world.fixture.ts';

/** Where the capabilities are, in QEMU's order: MSI-X, PCI-cfg, notify, device, ISR, common. */
const CAPABILITIES = ['98', '84', '70', '60', '50', '40'];

/** A world in the `edk2` profile, with the calls of Virtio10Dxe to a disk's function recorded. */
function recorded() {
  const recorder = new Recorder();
  const model = new VirtioBlk({ backend: new MemoryBackend(new Uint8Array(4096)) });
  const world = new VirtioWorld(new VirtioPciModern(model), {
    profile: 'edk2',
    modules: [recorder.record(virtio10Dxe)],
  });
  world.connectRoot(false);
  return { recorder, world };
}

describe('edk2: every call of OVMF (Virtio10Dxe)', () => {
  test('Supported reads the header, and Start the header, the list and the capabilities', () => {
    const { recorder, world } = recorded();
    const lines = recorder.during(() => world.bs.connectController(world.function));
    expect(lines).toEqual([
      // Supported
      'open PciIo 10',
      'CFG R32 @00 x16',
      'close PciIo',
      // Start: who it is, and its capabilities in the order of the list
      'open PciIo 10',
      'CFG R32 @00 x16',
      'CFG R16 @06',
      'CFG R8 @34',
      ...CAPABILITIES.map((at) => `CFG R16 @${at}`),
      // PCI-cfg, notify with its multiplier, device, ISR, common
      'CFG R8 @86',
      'CFG R32 @84 x4',
      'CFG R8 @72',
      'CFG R32 @70 x4',
      'GetBarAttributes(4)',
      'CFG R32 @80',
      'CFG R8 @62',
      'CFG R32 @60 x4',
      'GetBarAttributes(4)',
      'CFG R8 @52',
      'CFG R32 @50 x4',
      'CFG R8 @42',
      'CFG R32 @40 x4',
      'GetBarAttributes(4)',
      'Attributes(Get)',
      'Attributes(Enable,8600)',
      'install VirtioDevice',
    ]);
  });

  test('Stop restores the attributes', () => {
    const { recorder, world } = recorded();
    world.bs.connectController(world.function);
    const lines = recorder.during(() => world.bs.disconnectController(world.function));
    expect(lines).toEqual([
      'open VirtioDevice 02',
      'uninstall VirtioDevice',
      'Attributes(Set,4000)',
      'close PciIo',
    ]);
  });
});
