import { EfiError } from '@dxelab/uefi';

/** How often a poll looks, in the units of its delay: 10 x 100 ns. */
const UNITS_PER_MICROSECOND = 10n;

/**
 * PollMem and PollIo (UEFI §14.2): reads until the masked value is as wanted. It reads at least once,
 * and with a delay of 0 exactly once, and is content. PciRootBridgeIo.c: RootBridgeIoPollMem.
 * @param delay in units of 100 ns
 * @throws EFI_TIMEOUT, its `out` what was read last
 */
export function poll(
  read: () => bigint,
  mask: bigint,
  value: bigint,
  delay: bigint,
  stall: (microseconds: number) => void,
): bigint {
  let result = read();
  if ((result & mask) === value || delay === 0n) return result;
  const microseconds = (delay + UNITS_PER_MICROSECOND - 1n) / UNITS_PER_MICROSECOND;
  for (let waited = 0n; waited <= microseconds; waited++) {
    stall(1);
    result = read();
    if ((result & mask) === value) return result;
  }
  throw new EfiError(
    'EFI_TIMEOUT',
    `after ${delay} x 100 ns expected 0x${value.toString(16)} under mask 0x${mask.toString(16)}, ` +
      `read 0x${result.toString(16)}`,
    { out: result },
  );
}
