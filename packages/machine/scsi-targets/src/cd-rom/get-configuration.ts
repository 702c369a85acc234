import { setBigEndian } from '@dxelab/scsi';
import type { BlockUnit } from '../unit/block-unit.ts';
import type { Outcome } from '../unit/outcome.ts';
import { INVALID_FIELD_IN_CDB } from '../unit/outcome.ts';

/** Profiles (MMC-6). */
const NO_PROFILE = 0x0000;
const CD_ROM = 0x0008;
const DVD_ROM = 0x0010;

/** From so many blocks on, 80 minutes, a disc is a DVD. */
const CD_BLOCKS = 80 * 60 * 75;

/** RT, which features are asked for (MMC-6): all, those that are current, or one. */
const CURRENT_ONLY = 1;
const ONE = 2;

/** A feature (MMC-6); one that is not persistent is current with the disc that it is about. */
interface Feature {
  readonly code: number;
  readonly version: number;
  readonly persistent: boolean;
  readonly current: boolean;
  readonly data: readonly number[];
}

/** GET CONFIGURATION (MMC-6). */
export function getConfiguration(unit: BlockUnit): Outcome {
  const { command } = unit;
  const type = command.byte(1) & 3;
  const from = command.uint16(2);
  if (type > ONE) return INVALID_FIELD_IN_CDB;
  const profile = currentProfile(unit.blocks);
  const wanted = features(profile).filter((feature) => {
    if (type === ONE) return feature.code === from;
    return feature.code >= from && (type !== CURRENT_ONLY || feature.current);
  });
  const descriptors = wanted.flatMap(descriptor);
  const data = new Uint8Array(8 + descriptors.length);
  setBigEndian(data, 0, 4, data.length - 4);
  setBigEndian(data, 6, 2, profile);
  data.set(descriptors, 8);
  return command.answer(data, command.uint16(7));
}

function currentProfile(blocks: number): number {
  if (blocks === 0) return NO_PROFILE;
  return blocks <= CD_BLOCKS ? CD_ROM : DVD_ROM;
}

function features(profile: number): Feature[] {
  const cd = profile === CD_ROM;
  const dvd = profile === DVD_ROM;
  const always = { persistent: true, current: true };
  const profiles = [0, DVD_ROM, Number(dvd), 0, 0, CD_ROM, Number(cd), 0];
  return [
    { ...always, code: 0x0000, version: 0, data: profiles },
    // Core: over SCSI; INQUIRY pages, and device busy events are there (DBE).
    { ...always, code: 0x0001, version: 2, data: [0, 0, 0, 1, 1, 0, 0, 0] },
    // Morphing: events are polled for.
    { ...always, code: 0x0002, version: 1, data: [0, 0, 0, 0] },
    // Removable medium: a tray, that loads, ejects and can be locked, and is not at power-on.
    { ...always, code: 0x0003, version: 2, data: [0x39, 0, 0, 0] },
    // Random readable: blocks of 2048 bytes, one at a time.
    {
      code: 0x0010,
      version: 0,
      persistent: false,
      current: cd || dvd,
      data: [0, 0, 8, 0, 0, 1, 0, 0],
    },
    { code: 0x001e, version: 2, persistent: false, current: cd, data: [0, 0, 0, 0] },
    { code: 0x001f, version: 1, persistent: false, current: dvd, data: [0, 0, 0, 0] },
  ];
}

function descriptor({ code, version, persistent, current, data }: Feature): number[] {
  const flags = (version << 2) | (persistent ? 2 : 0) | (current ? 1 : 0);
  return [code >> 8, code & 0xff, flags, data.length, ...data];
}
