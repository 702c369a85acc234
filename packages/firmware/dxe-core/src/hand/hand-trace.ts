import type { Tracer } from '@dxelab/platform';
import type { EfiHandle, EfiStatus } from '@dxelab/uefi';

/** Handles appear by number, protocols and drivers by name. */
declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly install_protocol: { readonly handle: number; readonly protocol: string };
    readonly uninstall_protocol: { readonly handle: number; readonly protocol: string };
    readonly reinstall_protocol: { readonly handle: number; readonly protocol: string };
    readonly open_protocol: {
      readonly handle: number;
      readonly protocol: string;
      readonly agent: string;
      readonly controller: number | undefined;
      readonly attributes: number;
      readonly status: EfiStatus;
    };
    readonly close_protocol: {
      readonly handle: number;
      readonly protocol: string;
      readonly agent: string;
      readonly controller: number | undefined;
    };
    readonly connect_controller_begin: ControllerEvent & { readonly recursive: boolean };
    readonly connect_controller_end: ControllerEvent & Outcome;
    readonly disconnect_controller_begin: ControllerEvent;
    readonly disconnect_controller_end: ControllerEvent & Outcome;
    readonly driver_binding_supported: DriverEvent & Outcome;
    readonly driver_binding_start_begin: DriverEvent;
    readonly driver_binding_start_end: DriverEvent & Outcome;
    readonly driver_binding_stop_begin: DriverEvent & { readonly children: number };
    readonly driver_binding_stop_end: DriverEvent & Outcome;
  }
}

interface ControllerEvent {
  readonly controller: number;
}

interface DriverEvent extends ControllerEvent {
  readonly driver: string;
}

interface Outcome {
  /** `undefined` if it ended with no status, but with a bug or the end of the world. */
  readonly status: EfiStatus | undefined;
}

/** Where the handle services report what they do, and what they call those who do it. */
export interface HandTrace {
  /** `undefined` when tracing is off. */
  readonly tracer: Tracer | undefined;
  /** The name of an image or a driver by its handle; a handle without one goes by its number. */
  nameOf(handle: EfiHandle | undefined): string;
}
