import type { EfiBootServices } from '@dxelab/uefi';
import { EfiError, LoadedImageProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { virtioDisk } from '../boot/boot-world.fixture.ts';
import { bootFileOf, demoDisk } from '../boot/demo-disk.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import { bootWith, FIRST, flash, numberIn, option, ordered } from './boot-variables.fixture.ts';

/** A short form that means this file of every volume. */
const ANYWHERE = '\\EFI\\BOOT\\BOOTX64.EFI';
const NOWHERE = 'PciRoot(0x9)/\\none.efi';

describe('BootCurrent of an option that did not even start (UEFI §3.3)', () => {
  const currents = (profile: Profile): readonly unknown[] =>
    bootWith(profile, flash(ordered('Boot', option(NOWHERE))), (running) =>
      numberIn(running, 'BootCurrent'),
    ).seen;

  test('it is gone when the next image runs', () => {
    expect(currents('specification')).toEqual([undefined, undefined]);
  });

  test('it still names the option in EDK II: BdsDxe.BootCurrentStays', () => {
    expect(currents('edk2')).toEqual([0, 0]);
  });

  test.each(PROFILES)('it is gone after an image that has failed, %s', (profile) => {
    const current: unknown[] = [];
    const fail = (running: Running): void => {
      current.push(numberIn(running, 'BootCurrent'));
      if (current.length === 1) throw new EfiError('EFI_ABORTED', 'it gives up');
    };
    bootWith(profile, flash(ordered('Boot', option(FIRST))), fail);
    expect(current.slice(0, 2)).toEqual([0, undefined]);
  });
});

describe('An option that can mean several files (UEFI §3.1.2)', () => {
  /** On which volumes the option's image ran, when it fails on the first. */
  function volumesTried(profile: Profile, slots = {}): readonly number[] {
    const volumes: number[] = [];
    const fail = ({ bs, imageHandle, ...running }: Running): void => {
      if (numberIn({ bs, imageHandle, ...running }, 'BootCurrent') === undefined) return;
      volumes.push(volumeOf(bs, imageHandle));
      if (volumes.length === 1) throw new EfiError('EFI_ABORTED', 'it gives up');
    };
    bootWith(profile, flash(ordered('Boot', option(ANYWHERE))), fail, slots);
    return volumes;
  }

  test('the next one is tried when the first has failed', () => {
    expect(volumesTried('specification')).toHaveLength(2);
  });

  test('only the first one is tried in EDK II: BdsDxe.OnlyFirstFile', () => {
    expect(volumesTried('edk2')).toHaveLength(1);
  });

  test.each(PROFILES)('one that is not there, or is no image, does not count, %s', (profile) => {
    for (const content of [new Uint8Array(2 ** 20), withoutImage()]) {
      const slots = { '02.0': virtioDisk(content), '03.0': virtioDisk() };
      expect(volumesTried(profile, { slots })).toHaveLength(1);
    }
  });
});

/** The demonstration disk, its boot loader without a signature. */
function withoutImage(): Uint8Array {
  const disk = demoDisk();
  bootFileOf(disk)[0] = 0;
  return disk;
}

function volumeOf(bs: EfiBootServices, imageHandle: Running['imageHandle']): number {
  return bs.handleProtocol(imageHandle, LoadedImageProtocol).deviceHandle?.number ?? 0;
}
