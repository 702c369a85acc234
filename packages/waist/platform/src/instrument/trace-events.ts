/** One value that the CPU moved. */
export interface WaistAccess {
  readonly address: number;
  /** In bytes. */
  readonly size: number;
  readonly value: number | bigint;
}

/** A stretch of RAM that the CPU moved at once. */
export interface WaistBlock {
  readonly address: number;
  /** In bytes. */
  readonly length: number;
}

/** What firmware does to the machine, as `tracePlatform` sees it. */
export interface WaistTraceEvents {
  readonly waist_ram_read: WaistAccess;
  readonly waist_ram_write: WaistAccess;
  readonly waist_ram_read_bytes: WaistBlock;
  readonly waist_ram_write_bytes: WaistBlock;
  readonly waist_ram_fill: WaistBlock & { readonly value: number };
  readonly waist_ram_copy: WaistBlock & { readonly source: number };
  readonly waist_mmio_read: WaistAccess;
  readonly waist_mmio_write: WaistAccess;
  readonly waist_port_read: WaistAccess;
  readonly waist_port_write: WaistAccess;
  readonly waist_fence: Readonly<Record<string, never>>;
  /** The alarm was programmed; `undefined` disarms it. In nanoseconds since power-on. */
  readonly waist_set_alarm: { readonly time: number | undefined };
  readonly waist_delay: { readonly nanoseconds: number };
  readonly waist_sleep: Readonly<Record<string, never>>;
  readonly waist_interrupt_state: { readonly enabled: boolean };
  /** The interrupt handler begins, and ends. */
  readonly waist_interrupt_enter: Readonly<Record<string, never>>;
  readonly waist_interrupt_leave: Readonly<Record<string, never>>;
  readonly waist_reset: { readonly type: string; readonly message: string };
  readonly waist_end: { readonly kind: string; readonly message: string };
}
