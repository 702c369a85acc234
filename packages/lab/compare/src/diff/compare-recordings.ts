import type { DeviceComparison, Pair } from '../comparison.ts';
import type { Recording } from '../recording/recording.ts';
import { compareDevice } from './compare-device.ts';
import type { Declarations } from './declarations.ts';
import type { DifferenceList } from './difference-list.ts';

/** Compares two recordings device by device, and the chipsets around them. */
export function compareRecordings(
  [first, second]: Pair<Recording>,
  declarations: Declarations,
  differences: DifferenceList,
): readonly DeviceComparison[] {
  const slots = new Set([...first.chipset.keys(), ...second.chipset.keys()]);
  for (const slot of [...slots].toSorted()) {
    const texts = [first.chipset.get(slot), second.chipset.get(slot)] as const;
    if (texts[0] === texts[1]) continue;
    const reason = declarations.reasonForFunction(slot);
    differences.add({
      device: '',
      kind: 'chipset',
      name: slot,
      part: 'function',
      texts,
      count: 1,
      reason,
    });
  }
  const names = new Set([...first.devices, ...second.devices].map(({ name }) => name));
  return [...names].map((name) => {
    const recordings = [deviceOf(first, name), deviceOf(second, name)] as const;
    return compareDevice(name, recordings, declarations, differences);
  });
}

/** A device that only the other machine has is one to which nothing happens. */
function deviceOf({ devices }: Recording, name: string): Recording['devices'][number] {
  return devices.find((device) => device.name === name) ?? { name, events: [] };
}
