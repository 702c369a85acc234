import { createLab, customDevice } from '@dxelab/testing';
import { expect } from '@dxelab/testing/vitest';
import { test } from 'vitest';
import { Thermometer } from './thermometer.fixture.ts';
import { thermometerDxe, ThermometerProtocol } from './thermometer-dxe.fixture.ts';

const PATH = 'PciRoot(0x0)/Pci(0x2,0x0)';

test('the thermometer measures, and leaves nothing behind', () => {
  const device = customDevice({ slot: '02.0', device: () => new Thermometer(21.5) });
  const lab = createLab({ devices: [device], drivers: [thermometerDxe] });
  const controller = lab.connect(PATH);
  expect(controller.open(ThermometerProtocol).measure()).toBe(21.5);
  expect(lab.findings).toEqual([]);
  expect(lab.disconnect()).toHaveNoLeaks();
});
