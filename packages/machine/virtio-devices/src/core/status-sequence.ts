import {
  VSTAT_ACK,
  VSTAT_DRIVER,
  VSTAT_DRIVER_OK,
  VSTAT_FAILED,
  VSTAT_FEATURES_OK,
  VSTAT_NEEDS_RESET,
} from '@dxelab/virtio';

/** The bits that belong to the driver; DEVICE_NEEDS_RESET is the device's own. */
const DRIVER_BITS = VSTAT_ACK | VSTAT_DRIVER | VSTAT_DRIVER_OK | VSTAT_FEATURES_OK | VSTAT_FAILED;

/** The order in which a driver sets them (virtio §3.1.1). */
const STEPS = [
  ['ACKNOWLEDGE', VSTAT_ACK],
  ['DRIVER', VSTAT_DRIVER],
  ['FEATURES_OK', VSTAT_FEATURES_OK],
  ['DRIVER_OK', VSTAT_DRIVER_OK],
] as const;

/** A rule that a driver broke. */
export interface BrokenRule {
  readonly section: string;
  readonly message: string;
}

/** What becomes of the device status when a driver writes it. */
export interface StatusStep {
  readonly status: number;
  readonly broken: readonly BrokenRule[];
}

/**
 * A driver writes the device status field, and not to reset (virtio §2.1, §3.1.1).
 * @param refusal why FEATURES_OK is refused; asked only when that is newly set
 */
export function advanceStatus(
  before: number,
  written: number,
  refusal: () => BrokenRule | undefined,
): StatusStep {
  const broken: BrokenRule[] = [];
  if ((before & DRIVER_BITS & ~written) !== 0) {
    broken.push({
      section: '2.1.1',
      message: `status bits were cleared: ${hex(before)} to ${hex(written)}`,
    });
  }
  const reserved = written & ~DRIVER_BITS & ~VSTAT_NEEDS_RESET;
  if (reserved !== 0) {
    broken.push({ section: '2.1', message: `reserved status bits ${hex(reserved)} were set` });
  }
  // A set bit stays: only a reset clears.
  let status = before | (written & DRIVER_BITS);
  for (const [index, [name, bit]] of STEPS.entries()) {
    const previous = STEPS[index - 1];
    if ((status & ~before & bit) === 0 || previous === undefined) continue;
    const [previousName, previousBit] = previous;
    if ((status & previousBit) !== 0) continue;
    broken.push({ section: '3.1.1', message: `${name} was set without ${previousName}` });
  }
  if ((status & ~before & VSTAT_FEATURES_OK) !== 0) {
    const reason = refusal();
    if (reason !== undefined) {
      broken.push(reason);
      status &= ~VSTAT_FEATURES_OK;
    }
  }
  // Without agreed features a device cannot be live.
  if ((status & VSTAT_FEATURES_OK) === 0) status &= ~VSTAT_DRIVER_OK;
  return { status, broken };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
