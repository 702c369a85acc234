import { expect, test } from 'vitest';
import { configAt } from './pci-registers.ts';
import type { StructureName } from './registers.ts';
import { registerAt } from './registers.ts';

test.each<[StructureName, number, string]>([
  ['common', 0x00, 'common.deviceFeatureSelect'],
  ['common', 0x14, 'common.deviceStatus'],
  ['common', 0x15, 'common.configGeneration'],
  ['common', 0x20, 'common.queueDesc'],
  ['common', 0x24, 'common.queueDesc+0x04'],
  ['common', 0x17, 'common.queueSelect+0x01'],
  ['notify', 0x08, 'notify'],
  ['isr', 0x00, 'isr'],
  ['isr', 0x04, 'isr+0x04'],
  ['config', 0x14, 'config+0x14'],
  ['mmio', 0x070, 'mmio.status'],
  ['mmio', 0x040, 'mmio.queuePfn'],
  ['mmio', 0x084, 'mmio.queueDescHigh'],
  ['mmio', 0x108, 'config+0x08'],
])('%s at 0x%x is %s (virtio §4.1.4, §4.2.2)', (structure, offset, name) => {
  expect(registerAt(structure, offset).name).toBe(name);
});

test('on legacy PCI the configuration begins where MSI-X lets it (virtio §4.1.4.10)', () => {
  expect(registerAt('legacy', 0x10, 0x14).name).toBe('legacy.queueNotify');
  expect(registerAt('legacy', 0x14, 0x14).name).toBe('config+0x00');
  expect(registerAt('legacy', 0x14, 0x18).name).toBe('legacy.configMsixVector');
  expect(registerAt('legacy', 0x18, 0x18).name).toBe('config+0x00');
});

test('the same register means the same over every transport', () => {
  const places = [
    registerAt('common', 0x18),
    registerAt('legacy', 0x0c, 0x14),
    registerAt('mmio', 0x38),
  ];
  expect(places.map(({ role }) => role)).toEqual(['queue-size', 'queue-size', 'queue-size']);
  expect(registerAt('common', 0x24)).toMatchObject({ role: 'descriptors', shift: 4 });
  expect(registerAt('mmio', 0x84)).toMatchObject({ role: 'descriptors', shift: 4 });
});

test.each([
  [0x00, 'pci.vendorId', undefined],
  [0x1c, 'pci.bar3', 'bar'],
  [0x30, 'pci.expansionRom', 'bar'],
  [0x34, 'pci.capabilities', 'pointer'],
  [0x35, 'pci.+0x35', undefined],
  [0x50, 'pci.commonCapability', 'pointer'],
  [0x58, 'pci.commonCapability+0x08', undefined],
  [0x98, 'pci.msix', 'pointer'],
  [0x40, 'pci.+0x40', undefined],
])('configuration space at 0x%x is %s', (offset, name, role) => {
  const capabilities = [
    { offset: 0x98, name: 'msix' },
    { offset: 0x50, name: 'commonCapability' },
  ];
  expect(configAt(offset, capabilities)).toEqual({ name, role });
});
