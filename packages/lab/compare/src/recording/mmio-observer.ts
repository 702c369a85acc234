import { fdtPaths, isFdtCompatible, nodeOf, readFdt, readFdtReg } from '@dxelab/fdt';
import type { Platform } from '@dxelab/platform';
import { VIRTIO_MMIO } from '@dxelab/virtio';
import { deviceName } from './device-name.ts';
import type { Window } from './pci-windows.ts';
import { quietLook } from './quiet-look.ts';
import type { VirtioObserver } from './virtio-observer.ts';

/** A virtio device on MMIO. */
export interface MmioVirtio {
  readonly observer: VirtioObserver;
  readonly window: Window;
}

/** Bytes of a slot, and what boards align the first of their slots to: 24 of microvm, 32 of virt. */
const SLOT_SIZE = 0x200;
const SLOTS_ALIGNMENT = 0x4000;

/** The virtio devices that a machine's device tree names; empty slots are none. */
export function mmioDevices(
  platform: Platform,
  observe: (name: string) => VirtioObserver,
): readonly MmioVirtio[] {
  return mmioRanges(platform).flatMap(({ base, length }) => {
    const type = quietLook(platform.cycles, () =>
      platform.mmio.read32(base + VIRTIO_MMIO.deviceId),
    );
    if (type === undefined || type === 0) return [];
    const slot = Math.floor((base % SLOTS_ALIGNMENT) / SLOT_SIZE);
    const observer = observe(deviceName(type, `mmio ${slot}`));
    const window = {
      space: 'mmio',
      base,
      length,
      structure: 'mmio',
      configOffset: undefined,
    } as const;
    return [{ observer, window }];
  });
}

function mmioRanges(
  platform: Platform,
): readonly { readonly base: number; readonly length: number }[] {
  const { deviceTree } = platform.hobs;
  if (deviceTree === undefined) return [];
  const bytes = new Uint8Array(deviceTree.length);
  quietLook(platform.cycles, () => platform.ram.readBytes(deviceTree.address, bytes));
  const { value: tree } = readFdt(bytes);
  if (tree === undefined) return [];
  return [...fdtPaths(tree.root)]
    .filter((path) => isFdtCompatible(nodeOf(path), 'virtio,mmio'))
    .flatMap((path) => {
      const [range] = readFdtReg(path).value ?? [];
      return range === undefined
        ? []
        : [{ base: Number(range.address), length: Number(range.size) }];
    })
    .toSorted((left, right) => right.base - left.base);
}
