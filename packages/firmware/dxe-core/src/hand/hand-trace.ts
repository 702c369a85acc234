import type { Tracer } from '@dxelab/platform';
import type { EfiHandle } from '@dxelab/uefi';

/** Where the handle services report what they do, and what they call those who do it. */
export interface HandTrace {
  /** `undefined` when tracing is off. */
  readonly tracer: Tracer | undefined;
  /** The name of an image or a driver by its handle; a handle without one goes by its number. */
  nameOf(handle: EfiHandle | undefined): string;
}
