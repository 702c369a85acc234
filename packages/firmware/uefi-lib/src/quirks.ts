/**
 * Where OVMF or EDK II deviates from a specification. The `specification` profile has none of these,
 * the `edk2` profile has all; a scenario can override a single one. Named `Module.WhatItDoes`.
 */
export const QUIRKS = {
  'VirtioBlkDxe.MediaIdUnchecked':
    'ReadBlocks and WriteBlocks never compare MediaId (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.OneDescriptor':
    'a request has one data descriptor of up to 1 GiB, whatever size_max and seg_max say, and no more (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.RequestMemoryPerRequest':
    'header and status are allocated and mapped anew for each request (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.ResetDoesNothing':
    'Reset succeeds without touching the device, even after the device broke its ring (OvmfPkg/VirtioBlkDxe)',
  'VirtioBlkDxe.RevisionZero':
    'BlockIo has revision 0 on a device without topology (OvmfPkg/VirtioBlkDxe)',
  'VirtioLib.AlwaysNotifies':
    'VirtioFlush notifies although the device asked not to be (OvmfPkg/Library/VirtioLib)',
  'VirtioLib.FlushTrustsDevice':
    'VirtioFlush reads its own index back from shared memory, waits for an exactly equal used index and believes the used element (OvmfPkg/Library/VirtioLib)',
  'VirtioLib.LegacyFeaturesLast':
    'drivers of a legacy device write the features after the queue address (OvmfPkg/Virtio*Dxe)',
  'VirtioLib.Version1Optional':
    'a modern device that does not offer VERSION_1 is driven all the same (OvmfPkg/VirtioBlkDxe, VirtioScsiDxe, VirtioRngDxe)',
  'Virtio10Dxe.LastCapabilityWins':
    'of two capabilities of one type the last is used, not the first usable (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.NotifyReselects':
    'every kick saves, writes and restores queue_select and reads queue_notify_off (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.QueueSizeReadOnly':
    'queue_size is only compared, so the driver runs at the maximum size (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.ResetUnchecked': 'a reset is not waited for (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.StrictIdentity':
    'a modern device needs revision 1 and subsystem id 0x40 or above, and transitional devices are left alone (OvmfPkg/Virtio10Dxe)',
  'Virtio10Dxe.TornConfigReads':
    'config_generation is not consulted, so a 64-bit field can tear (OvmfPkg/Virtio10Dxe)',
} as const;

export type QuirkName = keyof typeof QUIRKS;
export type Profile = 'specification' | 'edk2';

export const PROFILES: readonly Profile[] = ['specification', 'edk2'];

/** The quirks in force: a profile, with single ones overridden. */
export class Quirks {
  readonly profile: Profile;
  readonly #overrides: ReadonlyMap<QuirkName, boolean>;

  constructor(profile: Profile, overrides: Readonly<Partial<Record<QuirkName, boolean>>> = {}) {
    this.profile = profile;
    this.#overrides = new Map(
      Object.entries(overrides).filter(
        (entry): entry is [QuirkName, boolean] => isQuirkName(entry[0]) && entry[1] !== undefined,
      ),
    );
  }

  /** Whether a module is to behave as what ships. Asked once, at a module's entry, not per call. */
  has(name: QuirkName): boolean {
    return this.#overrides.get(name) ?? this.profile === 'edk2';
  }
}

export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(QUIRKS, name);
}
