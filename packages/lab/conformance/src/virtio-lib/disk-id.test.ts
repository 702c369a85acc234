import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { DxeModule } from '@dxelab/uefi-lib';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { guid } from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { BlkWorld } from '../virtio-blk-dxe/blk-world.fixture.ts';
import { diskId } from './disk-id.fixture.ts';

test.each(PROFILES)('%s: the README’s driver gets the serial number', (profile) => {
  const linked: ModuleLibraries[] = [];
  const linker: DxeModule = {
    name: 'LinkerDxe',
    fileGuid: guid('0d7f5c1e-51c6-43d5-8f5d-9a1a5ac0e002'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    entryPoint: (_imageHandle, _systemTable, libraries) => void linked.push(libraries),
  };
  const world = new BlkWorld({
    profile,
    blk: { serial: 'dxelab-0001' },
    modules: [linker, virtio10Dxe],
  });
  world.connectRoot();
  const [libraries] = linked;
  if (libraries === undefined) throw new TypeError('the module was not started');
  const before = world.freePages();
  expect(diskId(world.openOnly(VirtioDeviceProtocol), world.bs, libraries)).toBe('dxelab-0001');
  expect(world.freePages()).toBe(before);
  expect(world.findings).toEqual([]);
});
