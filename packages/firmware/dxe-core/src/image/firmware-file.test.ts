import {
  convertTextToDevicePath,
  guid,
  LoadedImageDevicePathProtocol,
  LoadedImageProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, module } from '../core/core-world.fixture.ts';

const TOOL = guid('00000000-0000-0000-0000-00000000f11e');
const path = convertTextToDevicePath;

describe.each(PROFILES)(
  'LoadImage of a file of the firmware volume (UEFI §7.4.1), %s',
  (profile) => {
    function world() {
      const ran: string[] = [];
      const tool = {
        ...module('Tool', () => void ran.push('tool'), 'UEFI_APPLICATION'),
        fileGuid: TOOL,
      };
      const { core, bs } = new CoreWorld(profile, [tool]);
      core.dispatch();
      return { ran, bs, load: (text: string) => bs.loadImage(true, core.labImage, path(text)) };
    }

    test.each([
      `Fv(${guid('7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1')})/FvFile(${TOOL})`,
      `FvFile(${TOOL})`,
    ])('starts an application that no dispatcher has started: %s', (text) => {
      const { ran, bs, load } = world();
      expect(ran).toEqual([]);
      const image = load(text);
      expect(bs.handleProtocol(image, LoadedImageDevicePathProtocol)).toEqual(path(text));
      expect(bs.handleProtocol(image, LoadedImageProtocol).filePath).toEqual(
        path(`FvFile(${TOOL})`),
      );
      bs.startImage(image);
      expect(ran).toEqual(['tool']);
    });

    test.each([
      `FvFile(${guid('00000000-0000-0000-0000-00000000f11f')})`,
      `FvFile(${TOOL})/FvFile(${TOOL})`,
      `PciRoot(0x0)/FvFile(${TOOL})`,
      `Fv(${TOOL})`,
    ])('%s is EFI_NOT_FOUND', (text) => {
      expect(() => world().load(text)).toThrow('EFI_NOT_FOUND');
    });
  },
);
