import type { EfiStatus } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import type { ClockState, ServicesWorld } from './services-world.fixture.ts';

/** How a service comes to answer with a status. */
export interface StatusCase {
  readonly service: string;
  readonly status: EfiStatus;
  /** In words, for the page. */
  readonly how: string;
  /** Absent: both. */
  readonly profile?: Profile;
  /** Of the machine. Absent: it works. */
  readonly clock?: ClockState;
  /** What the firmware has besides. */
  readonly modules?: readonly DxeModule[];
  /** Throws the status, or returns it where it is a normal answer. */
  readonly provoke: (world: ServicesWorld) => unknown;
}

/** Why a documented status cannot come. */
export const REASONS = {
  C: 'only a NULL pointer, or a buffer that is too small, provokes it in C; the interface here has neither',
  records: 'the records of the core take no guest memory, so that they never run out of it',
  codes: 'every watchdog code is taken, as by EDK II',
  'not-yet': 'without a watchdog the answer is that of PI: EFI_NOT_AVAILABLE_YET',
  mirror: 'variables are read from memory: only writing one can fail',
  writes: 'only who writes a variable is authenticated',
  changeable: 'there is no range whose attributes or capabilities cannot be changed',
  trusted: 'modules of the firmware volume are trusted, so that none is held back',
  volumes: 'firmware volumes are not modelled: it throws what is no status, and says so',
  'rt-properties': 'no runtime service is declared unsupported in EFI_RT_PROPERTIES_TABLE',
} as const;

/** A documented status that nothing here can provoke. */
export interface UnprovokedStatus {
  readonly service: string;
  readonly status: EfiStatus;
  readonly why: keyof typeof REASONS;
}

/** The cases of one service. */
export function casesOf(
  service: string,
  cases: readonly Omit<StatusCase, 'service'>[],
): readonly StatusCase[] {
  return cases.map((one) => ({ ...one, service }));
}
