import type { Measurement } from '../figure.ts';
import { measureReads } from './read.ts';

export function measure(): Measurement {
  return measureReads({ length: 64 * 1024 });
}
