import { describe, expect, test } from 'vitest';
import * as uefi from '../index.ts';
import type { Protocol } from '../protocol.ts';

function isToken(value: unknown): value is Protocol<unknown> {
  return typeof value === 'object' && value !== null && 'guid' in value && 'name' in value;
}

const TOKENS: readonly (readonly [string, Protocol<unknown>])[] = Object.entries<unknown>(
  uefi,
).flatMap(([name, value]) => (isToken(value) ? [[name, value] as const] : []));

/** By name, as MdePkg/MdePkg.dec writes them. */
const MDE_PKG: Readonly<Record<string, string>> = {
  BdsArch: '665E3FF6-46CC-11D4-9A38-0090273FC14D',
  BlockIo: '964E5B21-6459-11D2-8E39-00A0C969723B',
  BusSpecificDriverOverride: '3BC1B285-8A15-4A82-AABF-4D7D13FB3265',
  CapsuleArch: '5053697E-2CBC-4819-90D9-0580DEEE5754',
  ComponentName2: '6A7A5CFF-E8D9-4F70-BADA-75AB3025CE14',
  CpuArch: '26BACCB1-6F42-11D4-BCE7-0080C73C8881',
  DevicePath: '09576E91-6D3F-11D2-8E39-00A0C969723B',
  DevicePathFromText: '05C99A21-C70F-4AD2-8A5F-35DF3343F51E',
  DevicePathToText: '8B843E20-8132-4852-90CC-551A4E4A7F1C',
  DevicePathUtilities: '0379BE4E-D706-437D-B037-EDB82FB772A4',
  DiskInfo: 'D432A67F-14DC-484B-B3BB-3F0291849327',
  DiskIo: 'CE345171-BA0B-11D2-8E4F-00A0C969723B',
  DriverBinding: '18A031AB-B443-4D1A-A5C0-0C09261E9F71',
  DriverDiagnostics2: '4D330321-025F-4AAC-90D8-5ED900173B63',
  DriverFamilyOverride: 'B1EE129E-DA36-4181-91F8-04A4923766A7',
  DriverHealth: '2A534210-9280-41D8-AE79-CADA01A2B127',
  DriverSupportedEfiVersion: '5C198761-16A8-4E69-972C-89D67954F81D',
  ExtScsiPassThru: '143B7632-B81B-4CB7-ABD3-B625A5B9BFFE',
  LoadFile: '56EC3091-954C-11D2-8E3F-00A0C969723B',
  LoadedImage: '5B1B31A1-9562-11D2-8E3F-00A0C969723B',
  LoadedImageDevicePath: 'BC62157E-3E33-4FEC-9920-2D3B36D750DF',
  MetronomeArch: '26BACCB2-6F42-11D4-BCE7-0080C73C8881',
  MonotonicCounterArch: '1DA97072-BDDC-4B30-99F1-72A0B56FFF2A',
  PartitionInfo: '8CF2F62C-BC9B-4821-808D-EC9EC421A1A0',
  PciEnumerationComplete: '30CFE3E7-3DE1-4586-BE20-DEABA1B3B793',
  PciHostBridgeResourceAllocation: 'CF8034BE-6768-4D8B-B739-7CCE683A9FBE',
  PciIo: '4CF5B200-68B8-4CA5-9EEC-B23E3F50029A',
  PciRootBridgeIo: '2F707EBB-4A1A-11D4-9A38-0090273FC14D',
  PlatformDriverOverride: '6B30C738-A391-11D4-9A3B-0090273FC14D',
  RealTimeClockArch: '27CFAC87-46CC-11D4-9A38-0090273FC14D',
  ResetArch: '27CFAC88-46CC-11D4-9A38-0090273FC14D',
  Rng: '3152BCA5-EADE-433D-862E-C01CDC291F44',
  RuntimeArch: 'B7DFB4E1-052F-449F-87BE-9818FC91B733',
  RscHandler: '86212936-0E76-41C8-A03A-2AF2FC1C39E2',
  ScsiIo: '932F47E6-2362-4002-803E-3CD54B138F85',
  Security2Arch: '94AB2F58-1438-4EF1-9152-18941A3A0E68',
  SecurityArch: 'A46423E3-4617-49F1-B9FF-D1BFA9115839',
  SerialIo: 'BB25CF6F-F1D4-11D2-9A0C-0090273FC1FD',
  SimpleFileSystem: '964E5B22-6459-11D2-8E39-00A0C969723B',
  SimpleTextIn: '387477C1-69C7-11D2-8E39-00A0C969723B',
  SimpleTextInEx: 'DD9E7534-7762-4698-8C14-F58517A625AA',
  SimpleTextOut: '387477C2-69C7-11D2-8E39-00A0C969723B',
  StatusCodeRuntime: 'D2B2B828-0826-48A7-B3DF-983C006024F0',
  TimerArch: '26BACCB3-6F42-11D4-BCE7-0080C73C8881',
  UnicodeCollation: '1D85CD7F-F43D-11D2-9A0C-0090273FC14D',
  UnicodeCollation2: 'A4C751FC-23AE-4C3E-92E9-4964CF63F349',
  UsbIo: '2B2F68D6-0CD2-44CF-8E8B-BBA20B1B5B75',
  VariableArch: '1E5668E2-8481-11D4-BCF1-0080C73C8881',
  VariableWriteArch: '6441F818-6362-4E44-B570-7DBA31DD2453',
  WatchdogTimerArch: '665E3FF5-46CC-11D4-9A38-0090273FC14D',
};

describe('the tokens of protocols', () => {
  test.each(TOKENS)(
    '%s has the name of the protocol, without EFI_ and _PROTOCOL',
    (name, token) => {
      const short = name.replace(/Protocol$/, '').replace(/^(SimpleText(?:In|Out))put/, '$1');
      expect(token.name).toBe(short);
    },
  );

  test('each GUID is one of MdePkg.dec, and names one protocol', () => {
    const known = TOKENS.filter(([, { name }]) => name in MDE_PKG);
    expect(known.length).toBe(Object.keys(MDE_PKG).length);
    for (const [, { name, guid }] of known) expect(guid).toBe(MDE_PKG[name]?.toLowerCase());
    expect(new Set(TOKENS.map(([, { guid }]) => guid)).size).toBe(TOKENS.length);
  });
});
