import type { ReportedHandle } from '@dxelab/scenario';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** What the drivers in the tree of devices call themselves (UEFI §11.5), and which UEFI they are for (§11.7). */
export function driverNamesText(
  handles: readonly ReportedHandle[],
  style: Style,
): readonly string[] {
  const atWork = new Set(handles.flatMap(({ drivers }) => drivers));
  const named = handles.flatMap(({ image, driverName, efiVersion }) => {
    const isShown = image !== undefined && atWork.has(image) && driverName !== undefined;
    return isShown ? [{ image, driverName, efiVersion }] : [];
  });
  const width = Math.max(0, ...named.map(({ image }) => image.length));
  return named.map(({ image, driverName, efiVersion }) => {
    const version = efiVersion === undefined ? '' : style.faint(` (for UEFI ${efiVersion})`);
    return `  ${style.good(image.padEnd(width))}  ${printable(driverName)}${version}`;
  });
}
