import type { BootReport, MachineInput } from '@dxelab/scenario';
import type { HotKey, HotKeyModifier } from '@dxelab/uefi';
import { crc32, SCAN_F1, writeKeyOption } from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import type { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { MemoryBackend, OverlayBackend } from '@dxelab/virtio-devices';
import type { Running } from '../boot/programs.fixture.ts';
import { application } from '../boot/programs.fixture.ts';
import { demoDisk } from '../boot/demo-disk.fixture.ts';
import { bootLive } from '../scenario/live.fixture.ts';

/** F9, and what a terminal sends for it. */
export const F9: HotKey = { scanCode: SCAN_F1 + 8, unicodeChar: 0 };
export const F9_TYPED = '\u001B9';

/** Without what OVMF sets Timeout to. */
export const TIMEOUT_KEPT: Partial<Record<QuirkName, boolean>> = {
  'BdsDxe.TimeoutFromPlatform': false,
};

/** A Key#### for an option. */
export function keyFor(
  bootOption: number,
  option: Uint8Array,
  keys: readonly HotKey[],
  modifiers: readonly HotKeyModifier[] = [],
): Uint8Array {
  return writeKeyOption({ revision: 0, modifiers, bootOption, bootOptionCrc: crc32(option), keys });
}

/** What somebody types at a boot, what is there, and who looks on. */
export interface TypedBoot {
  readonly input?: MachineInput['input'];
  readonly variables?: MemoryStorage | undefined;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  readonly drivers?: readonly DxeModule[];
  /** What the image of each option does. */
  readonly image?: (running: Running) => void;
}

/** Boots two equal disks, with somebody at the console. */
export function bootTyped(profile: Profile, boot: TypedBoot): BootReport {
  const { input, variables, quirks, drivers = [], image = (): void => {} } = boot;
  const disk = (slot: string) =>
    ({ 'virtio-blk': { transport: 'pci-modern', slot, image: overlay() } }) as const;
  return bootLive({
    machine: {
      memory: '64 MiB',
      devices: [disk('00:02.0'), disk('00:03.0')],
      ...(input === undefined ? {} : { input }),
    },
    firmware: {
      profile,
      drivers: ['ovmf', ...drivers],
      standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': application(image) },
      ...(quirks === undefined ? {} : { quirks }),
      ...(variables === undefined ? {} : { variables }),
    },
  });
}

/** The descriptions of the options whose images ran, in order. */
export function ran({ attempts }: BootReport): readonly string[] {
  return attempts
    .filter(({ status }) => status === 'EFI_SUCCESS')
    .map(({ description }) => description);
}

function overlay(): OverlayBackend {
  return new OverlayBackend(new MemoryBackend(demoDisk(), { readOnly: true }));
}
