import { ScsiDisk } from '@dxelab/scsi-targets';
import type { Profile } from '@dxelab/uefi-lib';
import type { VirtioScsiUnit } from '@dxelab/virtio-devices';
import { MemoryBackend } from '@dxelab/virtio-devices';
import type { Measurement } from '../figure.ts';
import { median, timed } from '../measure.ts';
import { ScsiWorld } from '../scsi-world.ts';

const TARGETS = 32;
const LUNS = 8;
const SCANS = 45;

/** Every second place has a disk, in each target other ones. */
function units(): readonly VirtioScsiUnit[] {
  return Array.from({ length: TARGETS * LUNS }, (_, place) => ({
    target: Math.floor(place / LUNS),
    lun: place % LUNS,
  }))
    .filter(({ target, lun }) => (target + lun) % 2 === 0)
    .map((place) => ({ ...place, unit: new ScsiDisk({ backend: new MemoryBackend(2 ** 20) }) }));
}

interface Scans {
  /** In milliseconds: the first one, with the drivers below, and the median of those that follow. */
  readonly first: number;
  readonly next: number;
}

function scan(profile: Profile): Scans {
  const world = new ScsiWorld(units(), profile);
  const first = timed(() => world.connect(false));
  const next = Array.from({ length: SCANS }, () => {
    world.forget();
    return timed(() => world.connect(false));
  });
  return { first, next: median(next) };
}

/** ScsiBusDxe finds 128 units among 32 targets with 8 LUNs each, and makes their handles. */
export function measure(): Measurement {
  const specification = scan('specification');
  const edk2 = scan('edk2');
  return {
    value: specification.next,
    unit: 'ms',
    ratio: null,
    notes: [
      `the first in this process, with the drivers below: ${specification.first.toFixed(1)} ms`,
      `edk2, which asks every LUN: ${edk2.next.toFixed(1)} ms`,
    ],
  };
}
