import { parseScenario } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { application } from '../boot/programs.fixture.ts';
import { bootLive, demoDisk } from './live.fixture.ts';

test('a scenario says hot keys as text, and types them', () => {
  const disk = (slot: string) =>
    ({ 'virtio-blk': { transport: 'pci-modern', slot, image: demoDisk() } }) as const;
  const report = bootLive({
    machine: {
      memory: '64 MiB',
      devices: [disk('00:02.0'), disk('00:03.0')],
      input: [{ text: '\u001B9', at: '1 s' }],
    },
    firmware: {
      standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': application(() => {}) },
      variables: [
        { name: 'Key0000', value: 'Boot0002 by F9' },
        { name: 'Boot0001', value: '"One" PciRoot(0x0)/Pci(0x2,0x0)' },
        { name: 'Boot0002', value: '"Two" PciRoot(0x0)/Pci(0x3,0x0)' },
        { name: 'BootOrder', value: '0001' },
        { name: 'Timeout', value: 3 },
      ],
    },
  });
  expect(report.attempts[0]?.description).toBe('Two');
});

test('a hot key without its option is a mistake', () => {
  const yaml = 'firmware: { variables: [{ name: Key0000, value: Boot0002 by F9 }] }';
  expect(() => parseScenario(yaml, 'x.yaml')).toThrow(
    'Key0000 is to boot Boot0002, which is not in this list',
  );
});
