/**
 * How a field stands in a node: a little-endian number, a GUID, so many bytes, or, at the end, all that is left: bytes,
 * numbers, texts with (`z`) or without a NUL. Names are those of UEFI §10.3.
 */
export type FieldLayout =
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'guid'
  | 'bytes4'
  | 'bytes6'
  | 'bytes8'
  | 'bytes16'
  | 'bytes32'
  | 'rest'
  | 'uint32s'
  | 'char8'
  | 'char8z'
  | 'char16'
  | 'char16z'
  | 'utf8z';

/** What a node holds behind its header: type, sub-type, and the fields in the order in which they stand. */
export interface NodeLayout {
  readonly type: number;
  readonly subType: number;
  readonly fields: Readonly<Record<string, FieldLayout>>;
}

/** Every node of UEFI 2.11 §10.3. */
export const NODE_LAYOUTS = {
  // §10.3.2
  Pci: { type: 1, subType: 1, fields: { function: 'uint8', device: 'uint8' } },
  PcCard: { type: 1, subType: 2, fields: { functionNumber: 'uint8' } },
  MemoryMapped: {
    type: 1,
    subType: 3,
    fields: { memoryType: 'uint32', startAddress: 'uint64', endAddress: 'uint64' },
  },
  VendorHardware: { type: 1, subType: 4, fields: { vendor: 'guid', data: 'rest' } },
  Controller: { type: 1, subType: 5, fields: { controllerNumber: 'uint32' } },
  Bmc: { type: 1, subType: 6, fields: { interfaceType: 'uint8', baseAddress: 'uint64' } },
  // §10.3.3
  Acpi: { type: 2, subType: 1, fields: { hid: 'uint32', uid: 'uint32' } },
  AcpiExtended: {
    type: 2,
    subType: 2,
    fields: {
      hid: 'uint32',
      uid: 'uint32',
      cid: 'uint32',
      hidStr: 'char8z',
      uidStr: 'char8z',
      cidStr: 'char8z',
    },
  },
  AcpiAdr: { type: 2, subType: 3, fields: { adrs: 'uint32s' } },
  AcpiNvdimm: { type: 2, subType: 4, fields: { nfitDeviceHandle: 'uint32' } },
  // §10.3.4
  Atapi: {
    type: 3,
    subType: 1,
    fields: { primarySecondary: 'uint8', slaveMaster: 'uint8', lun: 'uint16' },
  },
  Scsi: { type: 3, subType: 2, fields: { pun: 'uint16', lun: 'uint16' } },
  FibreChannel: {
    type: 3,
    subType: 3,
    fields: { reserved: 'uint32', wwn: 'uint64', lun: 'uint64' },
  },
  Ieee1394: { type: 3, subType: 4, fields: { reserved: 'uint32', eui64: 'uint64' } },
  Usb: { type: 3, subType: 5, fields: { parentPortNumber: 'uint8', interfaceNumber: 'uint8' } },
  I2o: { type: 3, subType: 6, fields: { tid: 'uint32' } },
  Infiniband: {
    type: 3,
    subType: 9,
    fields: {
      resourceFlags: 'uint32',
      portGid: 'bytes16',
      serviceId: 'uint64',
      targetPortId: 'uint64',
      deviceId: 'uint64',
    },
  },
  VendorMessaging: { type: 3, subType: 10, fields: { vendor: 'guid', data: 'rest' } },
  MacAddress: { type: 3, subType: 11, fields: { macAddress: 'bytes32', ifType: 'uint8' } },
  Ipv4: {
    type: 3,
    subType: 12,
    fields: {
      localIpAddress: 'bytes4',
      remoteIpAddress: 'bytes4',
      localPort: 'uint16',
      remotePort: 'uint16',
      protocol: 'uint16',
      staticIpAddress: 'uint8',
      gatewayIpAddress: 'bytes4',
      subnetMask: 'bytes4',
    },
  },
  Ipv6: {
    type: 3,
    subType: 13,
    fields: {
      localIpAddress: 'bytes16',
      remoteIpAddress: 'bytes16',
      localPort: 'uint16',
      remotePort: 'uint16',
      protocol: 'uint16',
      ipAddressOrigin: 'uint8',
      prefixLength: 'uint8',
      gatewayIpAddress: 'bytes16',
    },
  },
  Uart: {
    type: 3,
    subType: 14,
    fields: {
      reserved: 'uint32',
      baudRate: 'uint64',
      dataBits: 'uint8',
      parity: 'uint8',
      stopBits: 'uint8',
    },
  },
  UsbClass: {
    type: 3,
    subType: 15,
    fields: {
      vendorId: 'uint16',
      productId: 'uint16',
      deviceClass: 'uint8',
      deviceSubClass: 'uint8',
      deviceProtocol: 'uint8',
    },
  },
  UsbWwid: {
    type: 3,
    subType: 16,
    fields: {
      interfaceNumber: 'uint16',
      vendorId: 'uint16',
      productId: 'uint16',
      serialNumber: 'char16',
    },
  },
  LogicalUnit: { type: 3, subType: 17, fields: { lun: 'uint8' } },
  Sata: {
    type: 3,
    subType: 18,
    fields: { hbaPort: 'uint16', portMultiplierPort: 'uint16', lun: 'uint16' },
  },
  Iscsi: {
    type: 3,
    subType: 19,
    fields: {
      networkProtocol: 'uint16',
      loginOptions: 'uint16',
      lun: 'bytes8',
      targetPortalGroupTag: 'uint16',
      targetName: 'char8z',
    },
  },
  Vlan: { type: 3, subType: 20, fields: { vlanId: 'uint16' } },
  FibreChannelEx: {
    type: 3,
    subType: 21,
    fields: { reserved: 'uint32', wwn: 'bytes8', lun: 'bytes8' },
  },
  SasEx: {
    type: 3,
    subType: 22,
    fields: {
      sasAddress: 'bytes8',
      lun: 'bytes8',
      deviceTopology: 'uint16',
      relativeTargetPort: 'uint16',
    },
  },
  NvmeNamespace: { type: 3, subType: 23, fields: { namespaceId: 'uint32', eui64: 'uint64' } },
  Uri: { type: 3, subType: 24, fields: { uri: 'char8' } },
  Ufs: { type: 3, subType: 25, fields: { pun: 'uint8', lun: 'uint8' } },
  Sd: { type: 3, subType: 26, fields: { slotNumber: 'uint8' } },
  Bluetooth: { type: 3, subType: 27, fields: { address: 'bytes6' } },
  WiFi: { type: 3, subType: 28, fields: { ssid: 'bytes32' } },
  Emmc: { type: 3, subType: 29, fields: { slotNumber: 'uint8' } },
  BluetoothLe: { type: 3, subType: 30, fields: { address: 'bytes6', addressType: 'uint8' } },
  /** Each address takes 16 bytes, of which an IPv4 address has the first 4. */
  Dns: { type: 3, subType: 31, fields: { isIpv6: 'uint8', addresses: 'rest' } },
  NvdimmNamespace: { type: 3, subType: 32, fields: { uuid: 'guid' } },
  /** The data of a vendor's service begin with its GUID. */
  RestService: {
    type: 3,
    subType: 33,
    fields: { service: 'uint8', accessMode: 'uint8', data: 'rest' },
  },
  NvmeOfNamespace: {
    type: 3,
    subType: 34,
    fields: { nidt: 'uint8', nid: 'bytes16', subsystemNqn: 'utf8z' },
  },
  // §10.3.5
  HardDrive: {
    type: 4,
    subType: 1,
    fields: {
      partitionNumber: 'uint32',
      partitionStart: 'uint64',
      partitionSize: 'uint64',
      signature: 'bytes16',
      mbrType: 'uint8',
      signatureType: 'uint8',
    },
  },
  CdRom: {
    type: 4,
    subType: 2,
    fields: { bootEntry: 'uint32', partitionStart: 'uint64', partitionSize: 'uint64' },
  },
  VendorMedia: { type: 4, subType: 3, fields: { vendor: 'guid', data: 'rest' } },
  FilePath: { type: 4, subType: 4, fields: { pathName: 'char16z' } },
  MediaProtocol: { type: 4, subType: 5, fields: { protocol: 'guid' } },
  FirmwareFile: { type: 4, subType: 6, fields: { fileName: 'guid' } },
  FirmwareVolume: { type: 4, subType: 7, fields: { name: 'guid' } },
  RelativeOffsetRange: {
    type: 4,
    subType: 8,
    fields: { reserved: 'uint32', startingOffset: 'uint64', endingOffset: 'uint64' },
  },
  RamDisk: {
    type: 4,
    subType: 9,
    fields: {
      startingAddress: 'uint64',
      endingAddress: 'uint64',
      diskType: 'guid',
      instance: 'uint16',
    },
  },
  // §10.3.6
  Bbs: {
    type: 5,
    subType: 1,
    fields: { deviceType: 'uint16', statusFlag: 'uint16', description: 'char8z' },
  },
  // §10.3.1
  EndInstance: { type: 0x7f, subType: 0x01, fields: {} },
  EndEntire: { type: 0x7f, subType: 0xff, fields: {} },
} as const;
