import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { defineScenario } from './define-scenario.ts';

const driver: DxeModule = {
  name: 'MyDriver',
  fileGuid: guid('11111111-2222-3333-4444-555555555555'),
  moduleType: 'UEFI_DRIVER',
  entryPoint() {},
};

describe('a scenario in TypeScript', () => {
  test('takes live objects where YAML names files', () => {
    const image = new MemoryBackend(1024);
    const status = (): 'IOERR' => 'IOERR';
    const scenario = defineScenario({
      machine: {
        memory: 64 * 2 ** 20,
        devices: [{ 'virtio-blk': { image, status, claimedCapacity: 2n ** 64n - 1n } }],
      },
      firmware: { drivers: ['ovmf', driver], standIns: { 'a.efi': driver } },
      expect: [{ console: /hello/i }],
    });
    expect(scenario.machine.devices).toMatchObject([
      { image, options: { status, claimedCapacity: 2n ** 64n - 1n } },
    ]);
    expect(scenario.firmware.drivers).toEqual(['ovmf', driver]);
    expect(scenario.firmware.standIns['a.efi']).toBe(driver);
    expect(scenario.expect).toMatchObject([{ pattern: { text: '/hello/i' } }]);
  });

  test('keeps a backend as it is: it is the object that the device will use', () => {
    const image = new MemoryBackend(1024);
    const [device] = defineScenario({ machine: { devices: [{ 'virtio-blk': { image } }] } }).machine
      .devices;
    expect(device).toHaveProperty('image', image);
    expect(device?.kind === 'virtio-blk' && device.image === image).toBe(true);
  });

  test('shows problems by their path, as there are no lines', () => {
    expect(() =>
      defineScenario(
        {
          machine: {
            devices: [
              { 'virtio-blk': { image: 'a', slot: '02.0' } },
              { 'virtio-blk': { image: 'b', slot: '02.0' } },
            ],
          },
        },
        'my-test.ts',
      ),
    ).toThrow(
      'my-test.ts: machine.devices[1].virtio-blk.slot: slot 02.0 is taken by machine.devices[0].virtio-blk',
    );
  });
});
