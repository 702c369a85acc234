import { defineScenario } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { withoutWriting } from './without-writing.ts';

test('no disk can be written, on whatever device and bus it is', () => {
  const image = { zeros: '1 MiB' };
  const scenario = defineScenario({
    machine: {
      devices: [
        { 'virtio-blk': { image: 'disk.img', writable: true, serial: 'one' } },
        { 'virtio-scsi': { units: [{ disk: { image: 'disk.img', writable: true } }] } },
        { 'pci-bridge': { devices: [{ 'virtio-blk': { image, writable: true } }] } },
      ],
    },
  });
  const before = JSON.stringify(scenario.machine);
  const { machine } = withoutWriting(scenario);
  expect(JSON.stringify(machine)).toBe(before.replaceAll('"writable":true', '"writable":false'));
  expect(JSON.stringify(scenario.machine)).toBe(before);
});
