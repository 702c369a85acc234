/** Offsets in the configuration header (PCI Local Bus 3.0 §6.1; PCI-to-PCI Bridge 1.2 §3.2). */
export const PCI_VENDOR_ID_OFFSET = 0x00;
export const PCI_DEVICE_ID_OFFSET = 0x02;
export const PCI_COMMAND_OFFSET = 0x04;
export const PCI_PRIMARY_STATUS_OFFSET = 0x06;
export const PCI_REVISION_ID_OFFSET = 0x08;
export const PCI_CLASSCODE_OFFSET = 0x09;
export const PCI_CACHELINE_SIZE_OFFSET = 0x0c;
export const PCI_LATENCY_TIMER_OFFSET = 0x0d;
export const PCI_HEADER_TYPE_OFFSET = 0x0e;
export const PCI_BASE_ADDRESSREG_OFFSET = 0x10;
export const PCI_SUBSYSTEM_VENDOR_ID_OFFSET = 0x2c;
export const PCI_SUBSYSTEM_ID_OFFSET = 0x2e;
export const PCI_EXPANSION_ROM_BASE = 0x30;
export const PCI_CAPBILITY_POINTER_OFFSET = 0x34;
export const PCI_INT_LINE_OFFSET = 0x3c;
export const PCI_INT_PIN_OFFSET = 0x3d;

/** Of a type 1 header. */
export const PCI_BRIDGE_PRIMARY_BUS_REGISTER_OFFSET = 0x18;
export const PCI_BRIDGE_SECONDARY_BUS_REGISTER_OFFSET = 0x19;
export const PCI_BRIDGE_SUBORDINATE_BUS_REGISTER_OFFSET = 0x1a;
export const PCI_BRIDGE_IO_BASE_OFFSET = 0x1c;
export const PCI_BRIDGE_IO_LIMIT_OFFSET = 0x1d;
export const PCI_BRIDGE_MEMORY_BASE_OFFSET = 0x20;
export const PCI_BRIDGE_MEMORY_LIMIT_OFFSET = 0x22;
export const PCI_BRIDGE_PREFETCH_BASE_OFFSET = 0x24;
export const PCI_BRIDGE_PREFETCH_LIMIT_OFFSET = 0x26;
export const PCI_BRIDGE_PREFETCH_BASE_UPPER_OFFSET = 0x28;
export const PCI_BRIDGE_PREFETCH_LIMIT_UPPER_OFFSET = 0x2c;
export const PCI_BRIDGE_IO_BASE_UPPER_OFFSET = 0x30;
export const PCI_BRIDGE_IO_LIMIT_UPPER_OFFSET = 0x32;
export const PCI_BRIDGE_CONTROL_REGISTER_OFFSET = 0x3e;

/** Bridge control register: which legacy ranges a bridge forwards. */
export const PCI_BRIDGE_CONTROL_ISA = 0x0004;
export const PCI_BRIDGE_CONTROL_VGA = 0x0008;
export const PCI_BRIDGE_CONTROL_VGA_16 = 0x0010;

/** Command register. */
export const PCI_COMMAND_IO_SPACE = 0x0001;
export const PCI_COMMAND_MEMORY_SPACE = 0x0002;
export const PCI_COMMAND_BUS_MASTER = 0x0004;
export const PCI_COMMAND_MEMORY_WRITE_AND_INVALIDATE = 0x0010;
export const PCI_COMMAND_VGA_PALETTE_SNOOP = 0x0020;
export const PCI_COMMAND_FAST_BACK_TO_BACK = 0x0200;
export const PCI_COMMAND_INT_DISABLE = 0x0400;
/** Status register: a capability list is present. */
export const PCI_STATUS_CAPABILITY = 0x0010;

/** Header type: the layout in the lower bits, several functions in the top bit. */
export const HEADER_TYPE_DEVICE = 0x00;
export const HEADER_TYPE_PCI_TO_PCI_BRIDGE = 0x01;
export const HEADER_LAYOUT_CODE = 0x7f;
export const HEADER_TYPE_MULTI_FUNCTION = 0x80;

/** Base classes with their sub-class, as the two upper bytes of the class code. */
export const PCI_CLASS_MASS_STORAGE_IDE = 0x0101;
export const PCI_CLASS_DISPLAY_VGA = 0x0300;

/** Capability ids (PCI Code and ID Assignment §2). */
export const EFI_PCI_CAPABILITY_ID_VENDOR = 0x09;
export const EFI_PCI_CAPABILITY_ID_PCIEXP = 0x10;
export const EFI_PCI_CAPABILITY_ID_MSIX = 0x11;

/** The header of type 0 and 1; capabilities come after it. */
export const PCI_HEADER_SIZE = 0x40;
export const PCI_CONFIG_SPACE_SIZE = 0x100;
export const PCI_EXPRESS_CONFIG_SPACE_SIZE = 0x1000;
export const PCI_MAX_BAR = 6;
/** What a function that is not there answers. */
export const PCI_NO_VENDOR = 0xffff;

/** The ports of configuration mechanism #1 (PCI Local Bus 3.0 §3.2.2.3.2). */
export const PCI_CONFIGURATION_ADDRESS_PORT = 0xcf8;
export const PCI_CONFIGURATION_DATA_PORT = 0xcfc;
