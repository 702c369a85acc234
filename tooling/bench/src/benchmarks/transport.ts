import type { VirtioInput } from '@dxelab/scenario';
import type { Measurement } from '../figure.ts';
import { compare } from '../measure.ts';
import { readLoop } from '../read-loop.ts';

/** `read-512` over another transport, in turn with PCI modern. */
export function measureTransport(attachment: VirtioInput): Measurement {
  const { rate, baseline, ratio } = compare(readLoop(attachment), readLoop());
  return {
    value: rate,
    unit: 'reads/s',
    ratio,
    notes: [`over PCI modern: ${Math.round(baseline).toLocaleString('en-US')} reads/s`],
  };
}
