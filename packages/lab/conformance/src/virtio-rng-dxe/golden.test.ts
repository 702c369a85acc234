import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioRngDxe } from '@dxelab/virtio-rng-dxe';
import { describe, expect, test } from 'vitest';
import { Recorder } from '../virtio10-dxe/recorder.fixture.ts';
import { counting, RngWorld } from './rng-world.fixture.ts';

/** One kick of Virtio10Dxe, as it ships. */
const KICK = [
  'R16 common+16 = 00',
  'W16 common+16 = 00',
  'R16 common+1e = 00',
  'W16 common+16 = 00',
  'W16 notify+00 = 00',
];

/** A world in the `edk2` profile, in which both drivers and the device's structures are recorded. */
function recorded(bytesPerAnswer = 6) {
  const recorder = new Recorder();
  const world = new RngWorld({
    profile: 'edk2',
    quirks: { 'VirtioRngDxe.EmptyAnswersRepeated': false },
    rng: { entropy: counting(), bytesPerAnswer },
    transport: { accessPlatform: true },
    modules: [virtio10Dxe, virtioRngDxe].map((module) => recorder.record(module)),
    onAccess: (access) => recorder.note(access.replace(/^(W32 common\+[23]. =).*/, '$1 addr')),
  });
  return { recorder, world };
}

describe('edk2: every call of OVMF (VirtioRngDxe over Virtio10Dxe)', () => {
  test('Start: no configuration is read, and of the features bits 32 and 33 are taken', () => {
    const { recorder, world } = recorded();
    world.connectRoot(false);
    const lines = recorder.during(() => world.bs.connectController(world.function));
    expect(lines.slice(lines.indexOf('install VirtioDevice') + 1)).toEqual([
      'open VirtioDevice 10',
      'close VirtioDevice',
      'open VirtioDevice 10',
      'W8 common+14 = 00',
      'W8 common+14 = 01',
      'W8 common+14 = 03',
      'W32 common+00 = 00',
      expect.stringMatching(/^R32 common\+04 = /),
      'W32 common+00 = 01',
      expect.stringMatching(/^R32 common\+04 = /),
      'W32 common+08 = 00',
      'W32 common+0c = 00',
      'W32 common+08 = 01',
      'W32 common+0c = 03',
      'W8 common+14 = 0b',
      'R8 common+14 = 0b',
      'W16 common+16 = 00',
      'R16 common+18 = 08',
      'AllocateBuffer(EfiBootServicesData,2,800)',
      `Map(BusMasterCommonBuffer,${2 * EFI_PAGE_SIZE})`,
      'R16 common+18 = 08',
      ...['20', '24', '28', '2c', '30', '34'].map((at) => `W32 common+${at} = addr`),
      'W16 common+1c = 01',
      'W8 common+14 = 0f',
      'CreateEvent(201,8)',
      'install Rng',
    ]);
  });

  test('GetRNG(16) with 6 bytes per completion: three kicks, one Map and one Unmap', () => {
    const { recorder, world } = recorded();
    const rng = world.open();
    const lines = recorder.during(() => rng.getRng(undefined, new Uint8Array(16)));
    const request = ['fence', 'fence', ...KICK, 'fence', 'fence'];
    expect(lines).toEqual([
      'AllocatePool(16)',
      'Map(BusMasterWrite,16)',
      'RaiseTPL(16)',
      ...request,
      ...request,
      ...request,
      'restoreTpl',
      'Unmap(BusMasterWrite,16)',
      'freePool',
    ]);
  });

  test('each request is one descriptor, for what is left', () => {
    const { world } = recorded();
    world.open().getRng(undefined, new Uint8Array(16));
    expect(world.device.requests).toEqual([[16], [10], [4]]);
  });

  test('a request that fails leaves nothing mapped, raised or allocated', () => {
    const { recorder, world } = recorded(0);
    const rng = world.open();
    const lines = recorder.during(() => {
      expect(() => rng.getRng(undefined, new Uint8Array(16))).toThrow('EFI_DEVICE_ERROR');
    });
    expect(lines.slice(-3)).toEqual(['restoreTpl', 'Unmap(BusMasterWrite,16)', 'freePool']);
  });

  test('Stop: the device is stopped before its memory is given back', () => {
    const { recorder, world } = recorded();
    const handle = world.connect();
    const lines = recorder.during(() => world.bs.disconnectController(handle));
    const wanted = [
      'open Rng 02',
      'uninstall Rng',
      'closeEvent',
      'W8 common+14 = 00',
      `Unmap(BusMasterCommonBuffer,${2 * EFI_PAGE_SIZE})`,
      'FreeBuffer(2)',
      'close VirtioDevice',
    ];
    expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
  });

  test('ExitBootServices: one write of 0', () => {
    const { world } = recorded();
    world.connect();
    const accesses = world.during(() => {
      world.bs.exitBootServices(world.core.labImage, world.bs.getMemoryMap().mapKey);
    });
    expect(accesses).toEqual(['W8 common+14 = 00']);
  });
});
