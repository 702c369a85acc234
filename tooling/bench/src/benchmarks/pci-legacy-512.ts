import type { Measurement } from '../figure.ts';
import { measureTransport } from './transport.ts';

export function measure(): Measurement {
  return measureTransport({ transport: 'pci-legacy' });
}
