import { MachineSetupError } from '@dxelab/emulated-machine';
import type { HostedQemuDevice } from '../host.ts';
import type { VirtioRngData } from '../scenario.ts';
import type { Attachment } from './board.ts';
import { placeOnQemu } from './qemu-place.ts';

/** An entropy device as QEMU has it. @throws MachineSetupError if the scenario wants what QEMU cannot do */
export function qemuRng(
  attachment: Attachment,
  entropy: VirtioRngData['entropy'],
  options: VirtioRngData['options'],
): HostedQemuDevice {
  const { bytesPerAnswer, ...others } = options;
  const foreign = Object.keys(others);
  if (foreign.length > 0) {
    throw new MachineSetupError(`QEMU's entropy device has no ${foreign.join(', ')}`);
  }
  if (typeof entropy === 'function') {
    throw new MachineSetupError("QEMU's entropy is 'seeded' or 'host', and no function");
  }
  // QEMU answers with what a quota leaves, and has a new one so often, in milliseconds. One that comes before the answer
  // to the last is spent twice, and QEMU then takes what it owes for as much as is asked: so not as often as can be.
  const quota = bytesPerAnswer === undefined ? {} : { 'max-bytes': bytesPerAnswer, period: 20 };
  return { type: 'rng', options: placeOnQemu(attachment, quota), entropy };
}
