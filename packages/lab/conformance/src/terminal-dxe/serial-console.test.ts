import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { Device, EmulatedMachine, MachineBus } from '@dxelab/emulated-machine';
import { createEmulatedMachine, Region, Uart16550 } from '@dxelab/emulated-machine';
import type { EfiSimpleTextOutput } from '@dxelab/uefi';
import { SerialIoProtocol, SimpleTextOutputProtocol } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { serialDxe } from '@dxelab/serial-dxe';
import { terminalDxe } from '@dxelab/terminal-dxe';
import { describe, expect, test } from 'vitest';

/** A serial port that writes down what is done to it, and is ready to send from a given look on. */
class SlowPort implements Device {
  readonly name = 'slow-port';
  readonly writes: string[] = [];
  looks = 0;
  readonly #readyAt: number;

  constructor(readyAt: number) {
    this.#readyAt = readyAt;
  }

  attach(bus: MachineBus): void {
    bus.ports.add(new Region(this.name, 0x3f8, 8, this));
  }

  read(offset: number): number {
    if (offset !== 5) return 0;
    this.looks += 1;
    return this.looks > this.#readyAt ? 0x20 : 0;
  }

  write(offset: number, _width: number, value: number): void {
    this.writes.push(`${offset} ${value.toString(16).padStart(2, '0')}`);
  }
}

interface Console {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly output: EfiSimpleTextOutput;
}

/** A firmware of a terminal alone, on a machine with one serial port. */
function consoleOn(device: Device, profile: Profile = 'specification'): Console {
  const machine = createEmulatedMachine({ memory: 16 * 2 ** 20, devices: [device] });
  const quirks = new Quirks(profile);
  const core = createDxeCore(machine.platform, { modules: [serialDxe, terminalDxe], quirks });
  core.dispatch();
  const { bootServices: bs } = core.systemTable;
  for (const line of bs.locateHandleBuffer({ type: 'ByProtocol', protocol: SerialIoProtocol })) {
    bs.connectController(line, undefined, undefined, true);
  }
  return { machine, core, output: bs.locateProtocol(SimpleTextOutputProtocol) };
}

describe.each(PROFILES)('the serial console, %s (UEFI §12.4)', (profile) => {
  test('sends text as UTF-8', () => {
    const bytes: number[] = [];
    const { output } = consoleOn(new Uart16550((byte) => bytes.push(byte)), profile);
    output.outputString('Grüße, 世界 😀\r\n');
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe('Grüße, 世界 😀\r\n');
  });

  test('clears the screen as a VT100 does', () => {
    const bytes: number[] = [];
    const { output } = consoleOn(new Uart16550((byte) => bytes.push(byte)), profile);
    output.clearScreen();
    expect(String.fromCodePoint(...bytes)).toBe('\u001B[2J\u001B[01;01H');
  });
});

describe('the port underneath (PC16550D data sheet)', () => {
  test('is set to 115200 8N1, with empty FIFOs, at the beginning and by an extended Reset', () => {
    const port = new SlowPort(0);
    const { output } = consoleOn(port);
    const initialisation = ['3 83', '0 01', '1 00', '3 03', '2 07'];
    expect(port.writes).toEqual(initialisation);
    output.reset(true);
    expect(port.writes.slice(5, 10)).toEqual(initialisation);
  });

  test('gets a byte only when it is ready for one', () => {
    const port = new SlowPort(1000);
    const { output } = consoleOn(port);
    port.writes.length = 0;
    output.outputString('ok');
    expect(port.writes).toEqual(['0 6f', '0 6b']);
    expect(port.looks).toBe(1002);
  });

  test('that is never ready is EFI_DEVICE_ERROR, after a bounded time', () => {
    const port = new SlowPort(Infinity);
    const { machine, output } = consoleOn(port);
    const { cycles } = machine.platform;
    const before = cycles.now;
    port.writes.length = 0;
    expect(() => output.outputString('never mind how much there is to say')).toThrow(
      /^EFI_DEVICE_ERROR: the serial port has taken 0 of/,
    );
    expect(port.writes).toEqual([]);
    expect(cycles.now - before).toBeLessThan(1e9);
  });
});
