import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine, Uart16550 } from '@dxelab/emulated-machine';
import { serialDxe } from '@dxelab/serial-dxe';
import { terminalDxe } from '@dxelab/terminal-dxe';
import type { EfiHandle, EfiSerialAttributes } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
  DevicePathProtocol,
  devicePath,
  EFI_PC_ANSI_GUID,
  EFI_VT_UTF8_GUID,
  endDevicePath,
  SerialIoProtocol,
  SimpleTextOutputProtocol,
  vendorMessagingNode,
} from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { say } from './example.fixture.ts';

const PORT = 'VenHw(d3987d4b-971a-435f-8caf-4967eb627241)';
const UNCHANGED: EfiSerialAttributes = {
  baudRate: 0,
  receiveFifoDepth: 0,
  timeout: 0,
  parity: 0,
  dataBits: 0,
  stopBits: 0,
};

function serialWorld(profile: Profile = 'specification') {
  const sent: number[] = [];
  const uart = new Uart16550((byte) => sent.push(byte));
  const { platform } = createEmulatedMachine({ memory: 16 * 2 ** 20, devices: [uart] });
  const core = createDxeCore(platform, {
    modules: [serialDxe, terminalDxe],
    quirks: new Quirks(profile),
  });
  core.dispatch();
  const bs = core.systemTable.bootServices;
  const [line] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: SerialIoProtocol });
  if (line === undefined) throw new TypeError('there is no serial line');
  const pathOf = (handle: EfiHandle): string =>
    convertDevicePathToText(bs.handleProtocol(handle, DevicePathProtocol));
  const terminals = (): readonly EfiHandle[] =>
    bs
      .locateHandleBuffer({ type: 'AllHandles' })
      .filter((handle) => bs.protocolsPerHandle(handle).includes(SimpleTextOutputProtocol.guid));
  const io = bs.handleProtocol(line, SerialIoProtocol);
  return {
    bs,
    io,
    line,
    uart,
    sent,
    ports: platform.ports,
    pathOf,
    terminals,
    clock: platform.clock,
  };
}

describe.each(PROFILES)('SerialIo (UEFI §12.8), %s', (profile) => {
  test('is set to 115200 8N1, and its device path says so', () => {
    const { io, line, pathOf } = serialWorld(profile);
    expect(io.mode).toMatchObject({
      baudRate: 115_200,
      dataBits: 8,
      parity: 1,
      stopBits: 1,
      timeout: 1_000_000,
    });
    expect(pathOf(line)).toBe(`${PORT}/Uart(115200,8,N,1)`);
  });

  test('SetAttributes changes the line and the device path (§12.8.3.2)', () => {
    const { io, line, ports, pathOf } = serialWorld(profile);
    io.setAttributes({ ...UNCHANGED, baudRate: 9600, parity: 2, dataBits: 7, stopBits: 3 });
    expect(pathOf(line)).toBe(`${PORT}/Uart(9600,7,E,2)`);
    expect(ports.read8(0x3fb)).toBe(0x1e);
    ports.write8(0x3fb, 0x9e);
    expect([ports.read8(0x3f8), ports.read8(0x3f9)]).toEqual([12, 0]);
    ports.write8(0x3fb, 0x1e);
    io.setAttributes(UNCHANGED);
    expect(pathOf(line)).toBe(`${PORT}/Uart(115200,8,N,1)`);
  });

  test('a rate that cannot be had is the next lower one', () => {
    const { io } = serialWorld(profile);
    io.setAttributes({ ...UNCHANGED, baudRate: 100_000 });
    expect(io.mode.baudRate).toBe(57_600);
  });

  test.each([
    { baudRate: 1 },
    { baudRate: -9600 },
    { dataBits: 9 },
    { parity: 4 },
    { stopBits: 2 },
    { dataBits: 5, stopBits: 3 },
    { receiveFifoDepth: 17 },
  ])('SetAttributes of %o is EFI_INVALID_PARAMETER', (wrong) => {
    const { io } = serialWorld(profile);
    const before = io.mode;
    expect(() => io.setAttributes({ ...UNCHANGED, ...wrong })).toThrow('EFI_INVALID_PARAMETER');
    expect(io.mode).toEqual(before);
  });

  test('control bits: what waits, and lines that can be set (§12.8.3.3, §12.8.3.4)', () => {
    const { io, uart } = serialWorld(profile);
    const INPUT_EMPTY = 0x100;
    // clear to send, data set ready, carrier; the output is empty
    expect(io.getControl() & ~0x3).toBe(0x2b0 | INPUT_EMPTY);
    uart.receive([1]);
    expect(io.getControl() & INPUT_EMPTY).toBe(0);
    io.setControl(0x3);
    expect(io.getControl() & 0x3).toBe(0x3);
    io.setControl(0);
    expect(io.getControl() & 0x3).toBe(0);
    for (const bit of [0x1000, 0x2000, 0x4000, 0x10]) {
      expect(() => io.setControl(bit)).toThrow('EFI_UNSUPPORTED');
    }
  });

  test('Write and Read: as many bytes as there are', () => {
    const { io, uart, sent } = serialWorld(profile);
    expect(io.write(Uint8Array.of(1, 2, 3))).toBe(3);
    expect(sent).toEqual([1, 2, 3]);
    uart.receive([4, 5]);
    const target = new Uint8Array(2);
    expect([io.read(target), ...target]).toEqual([2, 4, 5]);
  });

  test('a byte that does not come is waited for as long as the timeout says: EFI_TIMEOUT in C', () => {
    const { io, uart, clock } = serialWorld(profile);
    io.setAttributes({ ...UNCHANGED, timeout: 20_000 });
    uart.receive([4]);
    const before = clock.now();
    const target = new Uint8Array(2);
    expect(io.read(target)).toBe(1);
    expect((clock.now() - before) / 1e6).toBeCloseTo(20, 0);
  });

  test('Reset forgets what waits in the FIFO, and keeps the line as it is set', () => {
    const { io, uart } = serialWorld(profile);
    uart.receive([4]);
    expect(io.getControl() & 0x100).toBe(0);
    io.reset();
    expect(io.getControl() & 0x100).toBe(0x100);
    expect(io.mode.baudRate).toBe(115_200);
  });
});

describe.each(PROFILES)('TerminalDxe drives a serial line (UEFI §11.1), %s', (profile) => {
  test('a terminal is a child with the path of the line and its type', () => {
    const { bs, line, pathOf, terminals } = serialWorld(profile);
    expect(terminals()).toEqual([]);
    bs.connectController(line);
    expect(terminals().map(pathOf)).toEqual([
      `${PORT}/Uart(115200,8,N,1)/VenMsg(${EFI_VT_UTF8_GUID})`,
    ]);
  });

  test('it is made when its type is asked for, and no other is (§7.3.12)', () => {
    const { bs, line, terminals } = serialWorld(profile);
    const pcAnsi = devicePath(vendorMessagingNode(EFI_PC_ANSI_GUID));
    const other = convertTextToDevicePath('USB(0x1,0x0)');
    for (const remaining of [pcAnsi, other]) {
      expect(() => bs.connectController(line, undefined, remaining)).toThrow('EFI_NOT_FOUND');
    }
    bs.connectController(line, undefined, endDevicePath());
    expect(terminals()).toEqual([]);
    bs.connectController(line, undefined, devicePath(vendorMessagingNode(EFI_VT_UTF8_GUID)));
    expect(terminals()).toHaveLength(1);
  });

  test('it goes with its driver, and comes again', () => {
    const { bs, line, terminals, sent } = serialWorld(profile);
    bs.connectController(line);
    bs.disconnectController(line);
    expect(terminals()).toEqual([]);
    bs.connectController(line);
    bs.locateProtocol(SimpleTextOutputProtocol).outputString('x');
    expect(sent).toEqual([0x78]);
  });
});

test('README: a line of text', () => {
  const { bs, sent } = serialWorld();
  expect(say(bs, 'Hi')).toBe(4);
  expect(sent).toEqual([0x48, 0x69, 0x0d, 0x0a]);
});
