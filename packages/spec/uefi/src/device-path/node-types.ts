/** Types and sub-types of device path nodes, by their names in MdePkg/Include/Protocol/DevicePath.h (UEFI §10.3). */
export const HARDWARE_DEVICE_PATH = 0x01;
export const HW_PCI_DP = 0x01;
export const HW_PCCARD_DP = 0x02;
export const HW_MEMMAP_DP = 0x03;
export const HW_VENDOR_DP = 0x04;
export const HW_CONTROLLER_DP = 0x05;
export const HW_BMC_DP = 0x06;

export const ACPI_DEVICE_PATH = 0x02;
export const ACPI_DP = 0x01;
export const ACPI_EXTENDED_DP = 0x02;
export const ACPI_ADR_DP = 0x03;
export const ACPI_NVDIMM_DP = 0x04;

export const MESSAGING_DEVICE_PATH = 0x03;
export const MSG_ATAPI_DP = 0x01;
export const MSG_SCSI_DP = 0x02;
export const MSG_FIBRECHANNEL_DP = 0x03;
export const MSG_1394_DP = 0x04;
export const MSG_USB_DP = 0x05;
export const MSG_I2O_DP = 0x06;
export const MSG_INFINIBAND_DP = 0x09;
export const MSG_VENDOR_DP = 0x0a;
export const MSG_MAC_ADDR_DP = 0x0b;
export const MSG_IPV4_DP = 0x0c;
export const MSG_IPV6_DP = 0x0d;
export const MSG_UART_DP = 0x0e;
export const MSG_USB_CLASS_DP = 0x0f;
export const MSG_USB_WWID_DP = 0x10;
export const MSG_DEVICE_LOGICAL_UNIT_DP = 0x11;
export const MSG_SATA_DP = 0x12;
export const MSG_ISCSI_DP = 0x13;
export const MSG_VLAN_DP = 0x14;
export const MSG_FIBRECHANNELEX_DP = 0x15;
export const MSG_SASEX_DP = 0x16;
export const MSG_NVME_NAMESPACE_DP = 0x17;
export const MSG_URI_DP = 0x18;
export const MSG_UFS_DP = 0x19;
export const MSG_SD_DP = 0x1a;
export const MSG_BLUETOOTH_DP = 0x1b;
export const MSG_WIFI_DP = 0x1c;
export const MSG_EMMC_DP = 0x1d;
export const MSG_BLUETOOTH_LE_DP = 0x1e;
export const MSG_DNS_DP = 0x1f;
export const MSG_NVDIMM_NAMESPACE_DP = 0x20;
export const MSG_REST_SERVICE_DP = 0x21;
export const MSG_NVME_OF_NAMESPACE_DP = 0x22;

export const MEDIA_DEVICE_PATH = 0x04;
export const MEDIA_HARDDRIVE_DP = 0x01;
export const MEDIA_CDROM_DP = 0x02;
export const MEDIA_VENDOR_DP = 0x03;
export const MEDIA_FILEPATH_DP = 0x04;
export const MEDIA_PROTOCOL_DP = 0x05;
export const MEDIA_PIWG_FW_FILE_DP = 0x06;
export const MEDIA_PIWG_FW_VOL_DP = 0x07;
export const MEDIA_RELATIVE_OFFSET_RANGE_DP = 0x08;
export const MEDIA_RAM_DISK_DP = 0x09;

export const BBS_DEVICE_PATH = 0x05;
export const BBS_BBS_DP = 0x01;

export const END_DEVICE_PATH_TYPE = 0x7f;
export const END_INSTANCE_DEVICE_PATH_SUBTYPE = 0x01;
export const END_ENTIRE_DEVICE_PATH_SUBTYPE = 0xff;
