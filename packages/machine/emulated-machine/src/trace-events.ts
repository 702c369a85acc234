/** A transaction on the bus, as the device sees it. */
interface RegionAccess {
  readonly space: 'mmio' | 'port';
  /** The region's name; empty where nobody answers. */
  readonly region: string;
  readonly address: number;
  /** In bytes. */
  readonly size: number;
  readonly value: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly memory_region_ops_read: RegionAccess;
    readonly memory_region_ops_write: RegionAccess;
    readonly interrupt_message: {
      readonly source: string;
      readonly address: number;
      readonly data: number;
    };
    readonly interrupt_line: {
      readonly source: string;
      readonly pin: number;
      readonly asserted: boolean;
    };
  }
}

export type { RegionAccess };
