import { describe, expect, test } from 'vitest';
import { createEmulatedMachine } from '../emulated-machine.ts';
import { DebugConsole } from './debug-console.ts';
import { Uart16550 } from './uart-16550.ts';

function createPorts() {
  const sent: number[] = [];
  const send = (byte: number): void => void sent.push(byte);
  const uart = new Uart16550(send);
  const { platform } = createEmulatedMachine({
    memory: 0x10_0000,
    devices: [uart, new DebugConsole(send)],
  });
  return { ports: platform.ports, sent, uart };
}

describe('a 16550 UART', () => {
  test('sends what is written to the holding register, and is ready at once', () => {
    const { ports, sent } = createPorts();
    for (const byte of [0x48, 0x69]) {
      expect(ports.read8(0x3fd) & 0x60).toBe(0x60);
      ports.write8(0x3f8, byte);
    }
    expect(sent).toEqual([0x48, 0x69]);
  });

  test('has nothing to receive, and no interrupt pending', () => {
    const { ports } = createPorts();
    expect(ports.read8(0x3fd) & 0x01).toBe(0);
    expect(ports.read8(0x3fa) & 0x01).toBe(1);
  });

  test('receives in order, and says when there is something', () => {
    const { ports, uart } = createPorts();
    uart.receive([1, 2, 0x103]);
    const read = () => [ports.read8(0x3fd) & 0x01, ports.read8(0x3f8)];
    expect([read(), read(), read()]).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    expect(read()).toEqual([0, 0]);
  });

  test('keeps 16 bytes with FIFOs, one without; what waits on the line is not lost with them', () => {
    const { ports, uart } = createPorts();
    const clear = () => ports.write8(0x3fa, 0x07);
    uart.receive(Array.from({ length: 20 }, (_, index) => index));
    ports.read8(0x3fd);
    clear();
    ports.read8(0x3fd);
    expect(ports.read8(0x3f8)).toBe(1);
    clear();
    ports.read8(0x3fd);
    expect(ports.read8(0x3f8)).toBe(17);
  });

  test('sends nothing while the divisor latch is selected', () => {
    const { ports, sent } = createPorts();
    ports.write8(0x3fb, 0x83);
    ports.write8(0x3f8, 0x01);
    ports.write8(0x3f9, 0x00);
    expect(ports.read8(0x3f8)).toBe(1);
    ports.write8(0x3fb, 0x03);
    expect(ports.read8(0x3f8)).toBe(0);
    expect(sent).toEqual([]);
  });

  test('can be told from an older UART by its FIFOs and scratch register', () => {
    const { ports } = createPorts();
    expect(ports.read8(0x3fa) & 0xc0).toBe(0);
    ports.write8(0x3fa, 0x07);
    expect(ports.read8(0x3fa) & 0xc0).toBe(0xc0);
    ports.write8(0x3ff, 0x5a);
    expect(ports.read8(0x3ff)).toBe(0x5a);
  });
});

describe('the debug console', () => {
  test('reads 0xE9, by which firmware finds that somebody listens', () => {
    expect(createPorts().ports.read8(0x402)).toBe(0xe9);
  });

  test('takes what is written', () => {
    const { ports, sent } = createPorts();
    ports.write8(0x402, 0x41);
    expect(sent).toEqual([0x41]);
  });
});
