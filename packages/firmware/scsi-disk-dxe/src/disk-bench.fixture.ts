import type { EfiEvent, EfiHandle, EfiStatus } from '@dxelab/uefi';
import { TPL_APPLICATION, efiStatusOf } from '@dxelab/uefi';
import type { Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { scsiDiskQuirks } from './scsi-disk-quirks.ts';
import type { ScsiDiskServices } from './scsi-disk.ts';
import { ScsiDisk } from './scsi-disk.ts';
import type { ScriptedUnitOptions } from './scripted-unit.fixture.ts';
import { ScriptedUnit } from './scripted-unit.fixture.ts';

/** How long a look at the clock takes, in units of 100 ns: one command and what goes with it. */
const STEP = 10_000;

/** A disk on a scripted unit, with the few services that it needs. */
export class DiskBench {
  readonly unit: ScriptedUnit;
  readonly disk: ScsiDisk;
  /** In microseconds: each wait. */
  readonly stalls: number[] = [];
  reinstalled = 0;
  /** What runs when BlockIo is reinstalled: what its users would do. */
  onReinstall: () => void = () => {};
  tpl: number = TPL_APPLICATION;
  /** Events that are not closed. */
  events = 0;
  /** In units of 100 ns. */
  now = 0;

  constructor(
    profile: Profile,
    scripted: ScriptedUnit,
    quirks: Partial<Record<QuirkName, boolean>> = {},
  ) {
    this.unit = scripted;
    const handle: EfiHandle = { number: 1 };
    this.disk = new ScsiDisk(
      scripted,
      handle,
      this.#services(),
      scsiDiskQuirks(new Quirks(profile, quirks)),
    );
  }

  get mediaId(): number {
    return this.disk.media.mediaId;
  }

  #services(): ScsiDiskServices {
    const event: EfiEvent = { number: 1 };
    let due = Infinity;
    return {
      stall: (microseconds) => {
        this.stalls.push(microseconds);
        this.now += microseconds * 10;
      },
      createEvent: () => {
        this.events += 1;
        return event;
      },
      setTimer: (_event, _type, time = 0) => {
        due = this.now + time;
      },
      checkEvent: () => {
        this.now += STEP;
        return this.now >= due;
      },
      closeEvent: () => {
        this.events -= 1;
      },
      raiseTpl: (tpl) => {
        const old = this.tpl;
        this.tpl = tpl;
        return old;
      },
      restoreTpl: (tpl) => {
        this.tpl = tpl;
      },
      reinstallProtocolInterface: () => {
        this.reinstalled += 1;
        this.onReinstall();
      },
    };
  }
}

/** A disk of 64 blocks, each full of its number, unless told otherwise. */
export function bench(
  profile: Profile,
  options: ScriptedUnitOptions = {},
  quirks: Partial<Record<QuirkName, boolean>> = {},
): DiskBench {
  return new DiskBench(profile, unit(options), quirks);
}

export function unit(options: ScriptedUnitOptions = {}): ScriptedUnit {
  const { blockSize = 512 } = options;
  const bytes = Uint8Array.from({ length: 64 * blockSize }, (_, at) => Math.floor(at / blockSize));
  return new ScriptedUnit(bytes, options);
}

/** How a service ends. */
export function statusOf(service: () => unknown): EfiStatus {
  try {
    service();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}
