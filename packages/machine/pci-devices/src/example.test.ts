import { describe, expect, test } from 'vitest';
import { createPciMachine, ecam } from './pci-machine.fixture.ts';
import { sum } from './summer-machine.fixture.ts';
import { Summer } from './summer.fixture.ts';

describe('the example in the README', () => {
  test('its machine gives the sum that it says', () => {
    expect(sum).toBe(6);
  });

  test('its device reports what it may not reach, and goes on', () => {
    const { platform, bus, findings } = createPciMachine({ '02.0': new Summer() });
    platform.mmio.write32(ecam(2, 0x10), 0x8000_0000);
    platform.mmio.write16(ecam(2, 0x04), 0x6);
    platform.mmio.write32(0x8000_0000, 0xffff_fff0);
    platform.mmio.write32(0x8000_0004, 0xffff_ffff);
    platform.clock.delay(2000);
    expect(platform.mmio.read32(0x8000_0008)).toBe(0);
    expect(findings).toMatchObject([{ rule: 'machine dma-outside-ram', device: 'summer' }]);
    expect(bus.interrupts.of('summer').messages).toBe(0);
  });
});
