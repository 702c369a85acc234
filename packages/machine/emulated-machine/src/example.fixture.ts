import { DebugConsole, Region, createEmulatedMachine } from './index.ts';
import type { Device, MachineBus, RegionHandler } from './index.ts';

/** One register, which counts how often it was read. */
class Counter implements Device, RegionHandler {
  readonly name = 'counter';
  #reads = 0;

  attach(bus: MachineBus): void {
    bus.mmio.add(new Region(this.name, 0xfe00_0000, 4, this));
    bus.addReporter(() => [`counter: ${this.#reads} reads`]);
  }

  read(): number {
    return ++this.#reads;
  }

  write(): void {}
}

export const console: number[] = [];
export const findings: string[] = [];
const { platform } = createEmulatedMachine({
  memory: 3 * 2 ** 30, // 2 GiB from 0 and 1 GiB from 4 GiB, committed as they are written
  devices: [new Counter(), new DebugConsole((byte) => console.push(byte))],
  budget: { virtualTime: 60e9, accesses: 1000 },
  onFinding: ({ message }) => findings.push(message),
});

platform.ports.write8(0x402, 0x41); // "A" to the console
platform.mmio.read32(0xfe00_0000); // 1
platform.mmio.read32(0xfe00_1000); // 0, and a finding: nobody answers there

// An interrupt every 10 ms, which the firmware sleeps for.
export const ticks: number[] = [];
platform.cpu.setInterruptHandler(() => {
  ticks.push(platform.clock.now());
  platform.clock.setAlarm(10e6 * (ticks.length + 1));
});
platform.clock.setAlarm(10e6);
platform.cpu.setInterruptState(true);
while (ticks.length < 3) platform.cpu.sleep();

/** What waits for a register that never changes: the budget ends it, with a TerminalSignal. */
export function hang(): never {
  for (;;) platform.mmio.read32(0xfe00_0000);
}
