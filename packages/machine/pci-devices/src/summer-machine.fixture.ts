import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { PciHostBridge } from './index.ts';
import { Summer } from './summer.fixture.ts';

const pci = new PciHostBridge();
pci.plug('02.0', new Summer());
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [pci] });

// What a firmware would do, by hand: place BAR0, enable decoding and bus mastering, use the device.
const config = 0xe000_0000 + 2 * 0x8000;
const registers = 0x8000_0000;
platform.mmio.write32(config + 0x10, registers);
platform.mmio.write16(config + 0x04, 0x6);
platform.ram.writeBytes(0x2000, Uint8Array.of(1, 2, 3));
platform.mmio.write32(registers + 0x0, 0x2000);
platform.mmio.write32(registers + 0x4, 3);
platform.clock.delay(2000);
export const sum: number = platform.mmio.read32(registers + 0x8); // 6
