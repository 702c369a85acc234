import type { PciAperture, PciRootBridgeHob } from '@dxelab/platform';
import type { ApertureRange, ApertureSpace, ApertureSpaces } from './aperture-space.ts';
import { addAperture } from './aperture-space.ts';

/** How many addresses there are. */
const SIZE = 2 ** 48;

/** A space of the Global Coherency Domain that keeps lists of what was added and what is taken. */
export class FakeApertures implements ApertureSpace {
  readonly added: PciAperture[] = [];
  readonly taken: PciAperture[] = [];
  readonly others: PciAperture[] = [];

  ranges(): readonly ApertureRange[] {
    const lists = [...this.added, ...this.taken, ...this.others];
    const borders = [0, SIZE, ...lists.flatMap(({ base, length }) => [base, base + length])];
    const cuts = [...new Set(borders)].toSorted((a, b) => a - b);
    return cuts.slice(0, -1).map((base, index) => {
      const isIn = (list: readonly PciAperture[]): boolean =>
        list.some((one) => base >= one.base && base < one.base + one.length);
      const isDecoded = isIn(this.added);
      return {
        base,
        length: (cuts[index + 1] ?? SIZE) - base,
        isDecoded,
        isNew: !isDecoded && !isIn(this.others),
        isFree: !isIn(this.taken),
      };
    });
  }

  add(base: number, length: number): void {
    this.added.push({ base, length });
  }

  allocate(base: number, length: number): void {
    this.taken.push({ base, length });
  }

  free(base: number, length: number): void {
    const index = this.taken.findIndex((one) => one.base === base && one.length === length);
    if (index < 0) throw new Error(`nobody has 0x${base.toString(16)}`);
    this.taken.splice(index, 1);
  }
}

/** Spaces with the apertures of these root bridges. */
export function fakeSpaces(
  hobs: readonly PciRootBridgeHob[],
): ApertureSpaces & { readonly memory: FakeApertures; readonly io: FakeApertures } {
  const spaces = { io: new FakeApertures(), memory: new FakeApertures() };
  for (const { io, mem32, mem64 } of hobs) {
    addAperture(spaces.io, io);
    for (const window of [mem32, mem64]) {
      if (window !== undefined) addAperture(spaces.memory, window);
    }
  }
  return spaces;
}
