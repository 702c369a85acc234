import { ACPI_TEXTS } from './acpi-text.ts';
import { HARDWARE_TEXTS } from './hardware-text.ts';
import { MEDIA_TEXTS } from './media-text.ts';
import { MESSAGING_TEXTS } from './messaging-text.ts';
import type { NodeText } from './node-text.ts';

/** Every kind of node that has a name; of several forms for one node the first that fits is used. */
export const NODE_TEXTS: readonly NodeText[] = [
  ...HARDWARE_TEXTS,
  ...ACPI_TEXTS,
  ...MESSAGING_TEXTS,
  ...MEDIA_TEXTS,
];

/** Names for a node of a type, whatever its sub-type: `Msg(subType,data)`. */
export const GENERIC_NAMES: Readonly<Record<string, number>> = {
  HardwarePath: 1,
  AcpiPath: 2,
  Msg: 3,
  MediaPath: 4,
  BbsPath: 5,
};
