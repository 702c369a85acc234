import type { EfiStatus } from '@dxelab/uefi';

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

interface ImageEvent {
  readonly handle: number;
  readonly image: string;
}

/** Handles appear by number, protocols, drivers and images by name. */
declare module '@dxelab/platform' {
  interface TraceEvents {
    /** What a module says with DEBUG: it stands between the events that it is about. */
    readonly debug: { readonly module: string; readonly message: string };
    readonly dxe_dispatch_begin: { readonly modules: number };
    readonly dxe_dispatch_end: { readonly dispatched: number };
    readonly load_image: ImageEvent & { readonly base: number };
    readonly start_image_begin: ImageEvent;
    readonly start_image_end: ImageEvent & Outcome;
    readonly unload_image: ImageEvent;
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
    readonly driver_binding_supported_begin: DriverEvent;
    readonly driver_binding_supported_end: DriverEvent & Outcome;
    readonly driver_binding_start_begin: DriverEvent;
    readonly driver_binding_start_end: DriverEvent & Outcome;
    readonly driver_binding_stop_begin: DriverEvent & { readonly children: number };
    readonly driver_binding_stop_end: DriverEvent & Outcome;
  }
}

export type { ControllerEvent, DriverEvent, ImageEvent };
