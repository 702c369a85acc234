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
    readonly connect_controller: { readonly controller: number; readonly recursive: boolean };
    readonly connect_controller_done: { readonly controller: number; readonly status: EfiStatus };
    readonly disconnect_controller: { readonly controller: number };
    readonly disconnect_controller_done: {
      readonly controller: number;
      readonly status: EfiStatus;
    };
    readonly driver_binding_supported: DriverBindingAnswer;
    readonly driver_binding_start: DriverBindingCall;
    readonly driver_binding_start_done: DriverBindingAnswer;
    readonly driver_binding_stop: DriverBindingCall & { readonly children: number };
    readonly driver_binding_stop_done: DriverBindingAnswer;
  }
}

interface DriverBindingCall {
  readonly driver: string;
  readonly controller: number;
}

interface DriverBindingAnswer extends DriverBindingCall {
  readonly status: EfiStatus;
}

/** Where the handle services report what they do, and what they call those who do it. */
export interface HandTrace {
  /** `undefined` when tracing is off. */
  readonly tracer: Tracer | undefined;
  /** The name of an image or a driver by its handle; a handle without one goes by its number. */
  nameOf(handle: EfiHandle | undefined): string;
}
