import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPciMachine, ecam } from './pci-machine.fixture.ts';
import { sum } from './summer-machine.fixture.ts';
import { Summer } from './summer.fixture.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
/** A fixture as a user would write it. */
const asWritten = (path: string): string =>
  text(path)
    .replaceAll('./summer.fixture.ts', './summer.ts')
    .replaceAll('./index.ts', '@dxelab/pci-devices');

describe('the README', () => {
  const examples = [...text('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  test('shows the device and the machine that are tested here', () => {
    expect(examples).toEqual([
      asWritten('./summer.fixture.ts'),
      asWritten('./summer-machine.fixture.ts'),
    ]);
  });

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
