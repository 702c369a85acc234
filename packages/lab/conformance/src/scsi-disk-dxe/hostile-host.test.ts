import { ScsiDisk } from '@dxelab/scsi-targets';
import type { EfiStatus } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioScsiOptions } from '@dxelab/virtio-devices';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { ScsiDiskWorld, numbered, statusOf } from './disk-world.fixture.ts';

type Response = Exclude<NonNullable<VirtioScsiOptions['response']>, (...all: never[]) => unknown>;

const READ_10 = 0x28;

/** A disk whose host answers the next reads this way, `times` of them. */
class HostWorld {
  readonly world: ScsiDiskWorld;
  /** How many reads it got. */
  reads = 0;
  #left = 0;

  constructor(profile: Profile, response: Response) {
    const unit = new ScsiDisk({ backend: new MemoryBackend(numbered(2 ** 20)) });
    const answer = (cdb: Uint8Array): Response | undefined => {
      if (cdb[0] !== READ_10) return undefined;
      this.reads += 1;
      if (this.#left === 0) return undefined;
      this.#left -= 1;
      return response;
    };
    const scsi: VirtioScsiOptions = { response: ({ cdb }) => answer(cdb) };
    this.world = new ScsiDiskWorld({ profile, units: unit, scsi });
  }

  /** How a read ends if that many are answered so, and how many there were. */
  read(times: number): readonly [status: EfiStatus, reads: number] {
    const disk = this.world.openDisk();
    this.reads = 0;
    this.#left = times;
    const block = new Uint8Array(512);
    const status = statusOf(() => disk.readBlocks(disk.media.mediaId, 5, block));
    this.#left = 0;
    return [status, this.reads];
  }
}

describe.each(PROFILES)('responses of the host other than OK (virtio §5.6.6.1), %s', (profile) => {
  test.each<[Response, once: EfiStatus]>([
    ['BUSY', 'EFI_SUCCESS'],
    ['RESET', 'EFI_SUCCESS'],
    ['BAD_TARGET', 'EFI_SUCCESS'],
    ['TRANSPORT_FAILURE', 'EFI_DEVICE_ERROR'],
    ['TARGET_FAILURE', 'EFI_DEVICE_ERROR'],
    ['NEXUS_FAILURE', 'EFI_DEVICE_ERROR'],
    ['FAILURE', 'EFI_DEVICE_ERROR'],
  ])('%s once: a read is %s', (response, once) => {
    const host = new HostWorld(profile, response);
    expect(host.read(1)[0]).toBe(once);
    expect(host.read(0)).toEqual(['EFI_SUCCESS', 1]);
  });

  test.each<[Response, specification: number, edk2: number]>([
    ['BUSY', 10, 2],
    ['RESET', 10, 2],
    ['BAD_TARGET', 2, 2],
    ['FAILURE', 1, 1],
  ])(
    '%s for ever: a read is EFI_DEVICE_ERROR, after %d and %d tries',
    (response, standard, edk2) => {
      const host = new HostWorld(profile, response);
      const tries = profile === 'edk2' ? edk2 : standard;
      expect(host.read(Infinity)).toEqual(['EFI_DEVICE_ERROR', tries]);
      expect(host.read(0)).toEqual(['EFI_SUCCESS', 1]);
    },
  );
});
