import { describe, expect, test } from 'vitest';
import { convertDeviceNodeToText } from './node-to-text.ts';
import { convertTextToDeviceNode } from './text-to-node.ts';

/**
 * Texts that the UEFI Self Certification Test reads (edk2-test, DevicePathFromText), each with the payload
 * that it builds for comparison.
 */
const TEXTS: readonly (readonly [string, string])[] = [
  ['PcCard(0x2A)', '2a'],
  [
    'MemoryMapped(15,0x123456789ABCDEF,0xFEDCBA9876543210)',
    '0f000000efcdab89674523011032547698badcfe',
  ],
  [
    'VenHw(5AF6C71E-1261-4637-9838-C4E9913D1DBB,0123456789ABCDEF)',
    '1ec7f65a6112374698 38c4e9913d1dbb0123456789abcdef',
  ],
  ['Ctrl(0x1234ABCD)', 'cdab3412'],
  ['BMC(0x00,0x12345678FFFFFFFF))', '00ffffffff78563412'],
  ['AcpiEx(PNPABCD,PNP0000,0,,1234,5678)', 'd041cdab00000000d0410000 00 3536373800 3132333400'],
  ['AcpiExp(PNPABCD,PNP0001,5678)', 'd041cdab00000000d0410100 00 3536373800 00'],
  ['AcpiAdr(0x80010100)', '00010180'],
  ['Scsi(1234,0xABCD)', 'd204cdab'],
  ['Fibre(0x123456789ABCDEF0,0xABCDEF1234567890)', '00000000f0debc9a785634129078563412efcdab'],
  ['FibreEx(0x123456789ABCDEF0,0xABCDEF1234567890)', '00000000123456789abcdef0abcdef1234567890'],
  ['I1394(ACDE48234567ABCD)', '00000000cdab67452348deac'],
  ['USB(12,0xAB)', '0cab'],
  ['I2O(0x1234ABCD)', 'cdab3412'],
  [
    'Infiniband(10,A1ED07B9-5BDC-4741-ADCF-CA1E8681DD1A,1234,5678,0xABCD)',
    '0a000000b907eda1dc5b4147adcfca1e8681dd1ad2040000000000002e16000000000000cdab000000000000',
  ],
  ['VenPcAnsi()', '5347c1e0bef9d2119a0c0090273fc14d'],
  ['UartFlowCtrl(Hardware)', '9d9a49372f54894ca02635da142094e401000000'],
  [
    'SAS(1234567890,0xABCDEF,2000,SAS,External,Direct,0x6A,0)',
    'b4dd87d48b00d911afdc001083ffca4d00000000d202964900000000efcdab00000000002269d007',
  ],
  [
    'SasEx(0x1234567890ABCDEF,0x1234567890ABCDEF,2000,SAS,External,Direct,0x6A)',
    '1234567890abcdef1234567890abcdef2269d007',
  ],
  ['DebugPort()', 'd2e8a4eb5838ec41a2812647ba9660d0'],
  [
    'MAC(12345678ABCD12345678ABCD12345678ABCD12345678ABCD12345678ABCD1234,2)',
    '12345678abcd12345678abcd12345678abcd12345678abcd12345678abcd123402',
  ],
  [
    'IPv4(12.34.56.78,TCP,Static,192.168.67.89,192.168.67.1,255.255.255.0)',
    'c0a84359 0c22384e 00000000 0600 01 c0a84301 ffffff00',
  ],
  [
    'IPv6(1234:5678:ABCD:1234:5678:ABCD:1234:5678,UDP,Static,5678:ABCD:1234:5678:ABCD:1234:5678:ABCD,8,5678:ABCD:1234:5678:ABCD:1234:5678:ABCD)',
    '5678abcd12345678abcd12345678abcd 12345678abcd12345678abcd12345678 00000000 1100 00 08 5678abcd12345678abcd12345678abcd',
  ],
  ['Uart(115200,8,D,1.5)', '0000000000c2010000000000080002'],
  ['UsbClass(1234,5678,14,1,0)', 'd2042e160e0100'],
  ['UsbVideo(1234,5678,1,0)', 'd2042e160e0100'],
  ['UsbTestAndMeasurement(1234,5678,1)', 'd2042e16fe0301'],
  ['Unit(0xAB)', 'ab'],
  [
    'iSCSI(MyTargetName,0x12AB,0x0000005678000000,CRC32C,None,CHAP_BI,TCP)',
    '000002000000005678000000ab124d795461726765744e616d6500',
  ],
  [
    'HD(6,GPT,E8AAED38-1815-4E4F-BCB5-2E3DBD160C9C,12345678,0xABCD1234)',
    '060000004e61bc00000000003412cdab0000000038edaae815184f4ebcb52e3dbd160c9c0202',
  ],
  [
    'HD(6,MBR,0x56789ABC,12345678,0xABCD1234)',
    '060000004e61bc00000000003412cdab00000000bc9a78560000000000000000000000000101',
  ],
  ['CDROM(12340000,12345678,0xABCD1234)', '204bbc004e61bc00000000003412cdab00000000'],
  ['Media(BA3A77E6-39A2-4375-A39A-108BFFCCE1AA)', 'e6773abaa2397543a39a108bffcce1aa'],
  ['BBS(Floppy,MyId,0x12AB)', '0100ab124d79496400'],
  ['Offset(0xFF, 0xFFFF)', '00000000ff00000000000000ffff000000000000'],
  ['Vlan(0x12)', '1200'],
  ['PciRoot(0x0)', 'd041030a00000000'],
  ['PcieRoot(0x0)', 'd041080a00000000'],
  ['Floppy(0x0)', 'd041040600000000'],
  ['Keyboard(0x0)', 'd041010300000000'],
  ['Serial(0x0)', 'd041010500000000'],
  ['ParallelPort(0x0)', 'd041010400000000'],
  ['NVMe(0xAB124BEF,AB-CD-EF-01-23-45-67-89)', 'ef4b12ab8967452301efcdab'],
  ['Uri(Uri)', '557269'],
  ['UFS(0,3)', '0003'],
  ['SD(0)', '00'],
  ['eMMC(0)', '00'],
  ['Bluetooth(001320F5FA77)', '001320f5fa77'],
  ['BluetoothLE(001320F5FA77,0)', '001320f5fa7700'],
  [
    "Wi-Fi(It's a SSID)",
    '497427732061205353494400000000000000000000000000000000000000000000'.slice(0, 64),
  ],
  [
    'Dns(192.168.22.100,192.168.22.101)',
    '00c0a81664000000000000000000000000c0a81665000000000000000000000000',
  ],
  [
    'Dns(1234:5678:ABCD:1234:5678:ABCD:1234:5678,5678:ABCD:1234:5678:ABCD:1234:5678:ABCD)',
    '0112345678abcd12345678abcd123456785678abcd12345678abcd12345678abcd',
  ],
  [
    'RamDisk(0xABCD1234C0000000,0xABCD1234CFFFFFFF,1,E8AAED38-1815-4E4F-BCB5-2E3DBD160C9C)',
    '000000c03412cdabffffffcf3412cdab38edaae815184f4ebcb52e3dbd160c9c0100',
  ],
  [
    'VirtualDisk(0xABCD1234C0000000,0xABCD1234CFFFFFFF,1)',
    '000000c03412cdabffffffcf3412cdab5a53ab77fc454b625560f7b281d1f96e0100',
  ],
  [
    'VirtualCD(0xABCD1234C0000000,0xABCD1234CFFFFFFF,1)',
    '000000c03412cdabffffffcf3412cdab30bd5a3d7541ce876d64d2ade523c4bb0100',
  ],
  [
    'PersistentVirtualDisk(0xABCD1234C0000000,0xABCD1234CFFFFFFF,1)',
    '000000c03412cdabffffffcf3412cdabc902ea5c074dd369269f4496fbe096f90100',
  ],
  [
    'PersistentVirtualCD(0xABCD1234C0000000,0xABCD1234CFFFFFFF,1)',
    '000000c03412cdabffffffcf3412cdab88810108cd4248bb100f5387d53ded3d0100',
  ],
];

describe('What the UEFI SCT asserts of ConvertTextToDeviceNode (UEFI §10.6.5.2)', () => {
  test.each(TEXTS)('%s', (text, payload) => {
    const node = convertTextToDeviceNode(text);
    expect(Buffer.from(node.subarray(4)).toString('hex')).toBe(payload.replaceAll(' ', ''));
    for (const options of [{}, { allowShortcuts: true }, { edk2: true }]) {
      expect(convertTextToDeviceNode(convertDeviceNodeToText(node, options))).toEqual(node);
    }
  });
});
