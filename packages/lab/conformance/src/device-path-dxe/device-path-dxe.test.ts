import { devicePathDxe } from '@dxelab/device-path-dxe';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EfiBootServices } from '@dxelab/uefi';
import {
  DevicePathFromTextProtocol,
  DevicePathToTextProtocol,
  DevicePathUtilitiesProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { shown } from './example.fixture.ts';

function servicesOf(profile: Profile): EfiBootServices {
  const { platform } = createEmulatedMachine({ memory: 2 ** 26 });
  const core = createDxeCore(platform, { modules: [devicePathDxe], quirks: new Quirks(profile) });
  core.dispatch();
  return core.systemTable.bootServices;
}

test('the example reads a path and shows it', () => {
  expect(shown).toBe('PciRoot(0x0)/Pci(0x1f,0x2)/HD(2,MBR,0x1234abcd)');
});

describe('DevicePathDxe (MdeModulePkg/Universal/DevicePathDxe)', () => {
  test('installs its three protocols on one handle', () => {
    const bs = servicesOf('specification');
    const [handle, ...others] = bs.locateHandleBuffer({
      type: 'ByProtocol',
      protocol: DevicePathUtilitiesProtocol,
    });
    if (handle === undefined) throw new Error('expected a handle');
    expect(others).toEqual([]);
    const guids = [
      DevicePathUtilitiesProtocol,
      DevicePathToTextProtocol,
      DevicePathFromTextProtocol,
    ].map((protocol) => protocol.guid);
    expect(new Set(bs.protocolsPerHandle(handle))).toEqual(new Set(guids));
  });

  test.each<[Profile, string, string]>([
    ['specification', 'Pci(0x1f,0x2),Pci(0x0,0x0)', 'Pci(0x1f,0x2),Pci(0x0,0x0)'],
    ['edk2', 'Pci(31,2),Pci(0,0)/Pci(', 'Pci(0x1F,0x2),/Pci(0x0,0x0)'],
  ])('%s: its quirks are those of the profile', (profile, text, again) => {
    const bs = servicesOf(profile);
    const path = bs.locateProtocol(DevicePathFromTextProtocol).convertTextToDevicePath(text);
    const toText = bs.locateProtocol(DevicePathToTextProtocol);
    expect(toText.convertDevicePathToText(path, false, false)).toBe(again);
  });
});
