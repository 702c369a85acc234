import type { ReportedHandle } from '@dxelab/scenario';
import type { Style } from './style.ts';

/** Protocols that every device has, or that say nothing to a reader. */
const UNREMARKABLE = new Set(['DevicePath']);

/** The devices as a tree: each handle with a device path, its protocols, and the drivers bound to it. */
export function deviceTreeText(
  handles: readonly ReportedHandle[],
  style: Style,
): readonly string[] {
  const devices = handles.filter(({ devicePath }) => devicePath !== undefined);
  const byNumber = new Map(devices.map((handle) => [handle.number, handle]));
  const children = new Set(devices.flatMap((handle) => handle.children));
  const lines: string[] = [];

  const show = (handle: ReportedHandle, parentPath: string, first: string, rest: string): void => {
    const path = handle.devicePath ?? '';
    const own = path.startsWith(`${parentPath}/`) ? path.slice(parentPath.length + 1) : path;
    const below = handle.children.flatMap((number) => byNumber.get(number) ?? []);
    lines.push(`${first}${style.name(own)}  ${style.faint(protocolsText(handle))}`);
    const stem = below.length > 0 ? `${rest}│ ` : `${rest}  `;
    // protocols come newest first, and so do those who manage them
    const drivers = handle.drivers.toReversed();
    if (drivers.length > 0) {
      lines.push(`${stem}  ${style.good(drivers.join(', '))}${style.faint(ringText(handle))}`);
    }
    for (const [index, child] of below.entries()) {
      const last = index === below.length - 1;
      show(child, path, `${rest}${last ? '└─' : '├─'}`, `${rest}${last ? '  ' : '│ '}`);
    }
  };

  const roots = devices.filter(
    ({ number, drivers }) => !children.has(number) && drivers.length > 0,
  );
  for (const root of roots) show(root, '', '  ', '  ');
  return lines;
}

/** What was negotiated with a virtio device; the features themselves are in the JSON report. */
function ringText({ virtio }: ReportedHandle): string {
  return virtio === undefined ? '' : `  rings: ${virtio.ring}`;
}

function protocolsText({ number, protocols }: ReportedHandle): string {
  const shown = protocols.filter((name) => !UNREMARKABLE.has(name)).toReversed();
  return `[${number}] ${shown.join(' ')}`;
}
