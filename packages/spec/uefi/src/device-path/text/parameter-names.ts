import { EfiError } from '../../status/efi-error.ts';

const RAM_DISK = ['StartingAddress', 'EndingAddress', 'DiskInstance'];
const SAS = ['Address', 'LUN', 'RTP', 'SASSATA', 'Location', 'Connect', 'DriveBay'];
const USB_CLASS = ['VID', 'PID', 'SubClass', 'Protocol'];
const USB_SUB_CLASS = ['VID', 'PID', 'Protocol'];

/** The parameters of each node's text, by their names in UEFI §10.6.1.6, in their order. */
export const PARAMETERS: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ['Pci', ['Device', 'Function']],
  ['PcCard', ['Function']],
  ['MemoryMapped', ['EfiMemoryType', 'StartingAddress', 'EndingAddress']],
  ['VenHw', ['Guid', 'Data']],
  ['Ctrl', ['Controller']],
  ['BMC', ['Type', 'Address']],
  ['Acpi', ['HID', 'UID']],
  ['PciRoot', ['UID']],
  ['PcieRoot', ['UID']],
  ['Floppy', ['UID']],
  ['Keyboard', ['UID']],
  ['Serial', ['UID']],
  ['ParallelPort', ['UID']],
  ['AcpiEx', ['HID', 'CID', 'UID', 'HIDSTR', 'CIDSTR', 'UIDSTR']],
  ['AcpiExp', ['HID', 'CID', 'UIDSTR']],
  ['Ata', ['Controller', 'Drive', 'LUN']],
  ['Scsi', ['PUN', 'LUN']],
  ['Fibre', ['WWN', 'LUN']],
  ['FibreEx', ['WWN', 'LUN']],
  ['I1394', ['GUID']],
  ['USB', ['Port', 'Interface']],
  ['I2O', ['TID']],
  ['Infiniband', ['Flags', 'Guid', 'ServiceId', 'TargetId', 'DeviceId']],
  ['VenMsg', ['Guid', 'Data']],
  ['UartFlowCtrl', ['Value']],
  ['SAS', [...SAS, 'Reserved']],
  ['MAC', ['MacAddr', 'IfType']],
  ['IPv4', ['RemoteIp', 'Protocol', 'Type', 'LocalIp', 'GatewayIPAddress', 'SubnetMask']],
  [
    'IPv6',
    ['RemoteIp', 'Protocol', 'IPAddressOrigin', 'LocalIp', 'PrefixLength', 'GatewayIPAddress'],
  ],
  ['Uart', ['Baud', 'DataBits', 'Parity', 'StopBits']],
  ['UsbClass', ['VID', 'PID', 'Class', 'SubClass', 'Protocol']],
  ['UsbAudio', USB_CLASS],
  ['UsbCDCControl', USB_CLASS],
  ['UsbHID', USB_CLASS],
  ['UsbImage', USB_CLASS],
  ['UsbPrinter', USB_CLASS],
  ['UsbMassStorage', USB_CLASS],
  ['UsbHub', USB_CLASS],
  ['UsbCDCData', USB_CLASS],
  ['UsbSmartCard', USB_CLASS],
  ['UsbVideo', USB_CLASS],
  ['UsbDiagnostic', USB_CLASS],
  ['UsbWireless', USB_CLASS],
  ['UsbDeviceFirmwareUpdate', USB_SUB_CLASS],
  ['UsbIrdaBridge', USB_SUB_CLASS],
  ['UsbTestAndMeasurement', USB_SUB_CLASS],
  ['UsbWwid', ['VID', 'PID', 'InterfaceNumber', 'WWID']],
  ['Unit', ['LUN']],
  ['Sata', ['HPN', 'PMPN', 'LUN']],
  [
    'iSCSI',
    [
      'TargetName',
      'PortalGroup',
      'LUN',
      'HeaderDigest',
      'DataDigest',
      'Authentication',
      'Protocol',
    ],
  ],
  ['Vlan', ['VlanId']],
  ['SasEx', SAS],
  ['NVMe', ['NSID', 'EUI']],
  ['Uri', ['Uri']],
  ['UFS', ['PUN', 'LUN']],
  ['SD', ['SlotNumber']],
  ['eMMC', ['SlotNumber']],
  ['Bluetooth', ['BD_ADDR']],
  ['BluetoothLE', ['BD_ADDR', 'AddressType']],
  ['Wi-Fi', ['SSID']],
  ['NVDIMM', ['UUID']],
  [
    'RestService',
    ['RestExServiceType', 'AccessMode', 'VendorRestServiceGuid', 'VendorDefinedData'],
  ],
  ['NVMEoF', ['SubsystemNQN', 'NID']],
  ['HD', ['Partition', 'Type', 'Signature', 'Start', 'Size']],
  ['CDROM', ['Entry', 'Start', 'Size']],
  ['VenMedia', ['Guid', 'Data']],
  ['Media', ['Guid']],
  ['Offset', ['StartingOffset', 'EndingOffset']],
  ['RamDisk', [...RAM_DISK, 'DiskTypeGuid']],
  ['VirtualDisk', RAM_DISK],
  ['VirtualCD', RAM_DISK],
  ['PersistentVirtualDisk', RAM_DISK],
  ['PersistentVirtualCD', RAM_DISK],
  ['BBS', ['Type', 'Id', 'Flags']],
]);

/**
 * Arguments in their order: one that names its parameter (`CID=PNP0A03`) goes to that one's place, and
 * those that follow behind it. What is left out is empty.
 * @throws EFI_INVALID_PARAMETER if a parameter is given twice
 */
export function placeArguments(node: string, args: readonly string[]): readonly string[] {
  const names = PARAMETERS.get(node) ?? [];
  const placed: (string | undefined)[] = [];
  let place = 0;
  for (const arg of args) {
    const equals = arg.indexOf('=');
    const named = equals < 0 ? -1 : names.indexOf(arg.slice(0, equals).trim());
    if (named >= 0) place = named;
    if (placed[place] !== undefined) {
      const name = names[place] ?? `number ${place + 1}`;
      throw new EfiError('EFI_INVALID_PARAMETER', `argument ${name} is given twice`);
    }
    placed[place] = named < 0 ? arg : arg.slice(equals + 1);
    place += 1;
  }
  // what was skipped is a hole
  return Array.from(placed, (arg) => arg ?? '');
}
