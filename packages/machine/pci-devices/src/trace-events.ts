/** An access to a configuration register, whichever way it came. */
interface ConfigAccess {
  readonly device: string;
  readonly bus: number;
  readonly slot: number;
  readonly function: number;
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly value: number;
}

/** A BAR, or a part of one, that begins or ceases to answer. */
interface BarMapping {
  readonly region: string;
  readonly bar: number;
  readonly address: number;
  /** In bytes, or ports. */
  readonly size: number;
}

declare module '@dxelab/platform' {
  interface TraceEvents {
    readonly pci_cfg_read: ConfigAccess;
    readonly pci_cfg_write: ConfigAccess;
    readonly pci_update_mappings_add: BarMapping;
    readonly pci_update_mappings_del: BarMapping;
  }
}

export type { BarMapping, ConfigAccess };
