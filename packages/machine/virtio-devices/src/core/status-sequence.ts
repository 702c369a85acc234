import {
  VSTAT_ACK,
  VSTAT_DRIVER,
  VSTAT_DRIVER_OK,
  VSTAT_FAILED,
  VSTAT_FEATURES_OK,
  VSTAT_NEEDS_RESET,
} from '@dxelab/virtio';
import type { BrokenRule } from './broken-rule.ts';

type Step = readonly [name: string, bit: number];

/** What a driver sets, one after the other, and where that is written down. */
interface Sequence {
  readonly section: string;
  /** The bits that belong to the driver; DEVICE_NEEDS_RESET is the device's own. */
  readonly driverBits: number;
  readonly steps: readonly Step[];
}

const MODERN: Sequence = {
  section: '3.1.1',
  driverBits: VSTAT_ACK | VSTAT_DRIVER | VSTAT_DRIVER_OK | VSTAT_FEATURES_OK | VSTAT_FAILED,
  steps: [
    ['ACKNOWLEDGE', VSTAT_ACK],
    ['DRIVER', VSTAT_DRIVER],
    ['FEATURES_OK', VSTAT_FEATURES_OK],
    ['DRIVER_OK', VSTAT_DRIVER_OK],
  ],
};

/** Legacy devices did not have FEATURES_OK. */
const LEGACY: Sequence = {
  section: '3.1.2',
  driverBits: VSTAT_ACK | VSTAT_DRIVER | VSTAT_DRIVER_OK | VSTAT_FAILED,
  steps: [
    ['ACKNOWLEDGE', VSTAT_ACK],
    ['DRIVER', VSTAT_DRIVER],
    ['DRIVER_OK', VSTAT_DRIVER_OK],
  ],
};

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
  const step = advance(MODERN, before, written);
  let { status } = step;
  const broken = [...step.broken];
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

/** A driver writes it through the legacy interface, and not to reset (virtio §3.1.2). */
export function advanceLegacyStatus(before: number, written: number): StatusStep {
  return advance(LEGACY, before, written);
}

function advance(sequence: Sequence, before: number, written: number): StatusStep {
  const { driverBits, steps, section } = sequence;
  const broken: BrokenRule[] = [];
  if ((before & driverBits & ~written) !== 0) {
    broken.push({
      section: '2.1.1',
      message: `status bits were cleared: ${hex(before)} to ${hex(written)}`,
    });
  }
  const reserved = written & ~driverBits & ~VSTAT_NEEDS_RESET;
  if (reserved !== 0) {
    broken.push({ section: '2.1', message: `reserved status bits ${hex(reserved)} were set` });
  }
  // A set bit stays: only a reset clears.
  const status = before | (written & driverBits);
  for (const [index, [name, bit]] of steps.entries()) {
    const previous = steps[index - 1];
    if ((status & ~before & bit) === 0 || previous === undefined) continue;
    const [previousName, previousBit] = previous;
    if ((status & previousBit) !== 0) continue;
    broken.push({ section, message: `${name} was set without ${previousName}` });
  }
  return { status, broken };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
