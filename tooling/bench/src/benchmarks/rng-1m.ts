import { Random } from '@dxelab/emulated-machine';
import { createLab } from '@dxelab/testing';
import { EFI_RNG_ALGORITHM_RAW, RngProtocol } from '@dxelab/uefi';
import { seededEntropy } from '@dxelab/virtio-devices';
import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';

const MIB = 2 ** 20;
/** Requests between two looks at the clock. */
const BATCH = 4;

/** GetRNG of 1 MiB, in turn with the device's generator alone, which fills an array. */
export function measure(): Measurement {
  const lab = createLab({
    devices: [{ 'virtio-rng': {} }],
    budget: { virtualTime: '100000 min', accesses: Number.MAX_SAFE_INTEGER },
  });
  const rng = lab.connect('PciRoot(0x0)/Pci(0x2,0x0)').open(RngProtocol);
  const value = new Uint8Array(MIB);
  const draw = (): number => {
    for (let count = 0; count < BATCH; count++) rng.getRng(EFI_RNG_ALGORITHM_RAW, value);
    return BATCH;
  };
  const generator = seededEntropy(new Random(0));
  const target = new Uint8Array(MIB);
  const generate = (): number => {
    for (let count = 0; count < BATCH; count++) generator(target);
    return BATCH;
  };
  const { rate, baseline, ratio } = compare(draw, generate);
  return {
    value: rate,
    unit: 'MiB/s',
    ratio,
    notes: [`the generator alone: ${Math.round(baseline).toLocaleString('en-US')} MiB/s`],
  };
}
