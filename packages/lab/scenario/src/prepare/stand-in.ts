import type { ExecutableImage, ImageRuntime } from '@dxelab/dxe-core';
import type { Platform } from '@dxelab/platform';
import type { DxeModule } from '@dxelab/uefi-lib';
import { readDevicePathText } from '../units/device-path-text.ts';

/** Which image file a stand-in is for. */
export interface StandInPlace {
  /** The beginning of the volume's device path, as reports write it; empty for any volume. */
  readonly device: string;
  /** The file's path on its volume, lower-case, with a leading backslash. */
  readonly file: string;
}

/** A module that runs in place of an image file. */
export interface StandIn extends StandInPlace {
  readonly module: DxeModule;
}

const PLACE = /^(?:(?<device>.*)\/)?(?<file>\\?[^/\\]+(?:\\[^/\\]+)*)$/su;

/** Reads the key of a stand-in: a file's path, or a device path with a file's path at its end. */
export function readStandInPlace(key: string): StandInPlace | { readonly problem: string } {
  const { device = '', file } = PLACE.exec(key)?.groups ?? {};
  if (file === undefined) {
    return { problem: String.raw`expected the path of a file such as '\EFI\BOOT\BOOTX64.EFI'` };
  }
  const lower = file.toLowerCase();
  const place = lower.startsWith('\\') ? lower : `\\${lower}`;
  if (device === '') return { device, file: place };
  const reading = readDevicePathText(device);
  return 'problem' in reading ? reading : { device: reading.text, file: place };
}

/** Executes the images that have a stand-in; all others are left to whoever executes machine code. */
export function standInRuntime(standIns: readonly StandIn[], platform: Platform): ImageRuntime {
  return {
    name: 'TypeScript',
    resolve(image) {
      const module = standIns.find((standIn) => standsFor(standIn, image))?.module;
      if (module === undefined) return undefined;
      return (imageHandle, systemTable, libraries) => {
        if (module.hardware === true) {
          module.entryPoint(imageHandle, systemTable, { ...libraries, platform });
        } else {
          module.entryPoint(imageHandle, systemTable, libraries);
        }
      };
    },
  };
}

/** File names are the same whatever their case, as on FAT; device paths are exact. */
function standsFor({ device, file }: StandInPlace, image: ExecutableImage): boolean {
  const name = image.fileName.toLowerCase();
  if (name !== file && `\\${name}` !== file) return false;
  return device === '' || image.devicePath.startsWith(`${device}/`);
}
