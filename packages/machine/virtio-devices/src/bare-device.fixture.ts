import type { VirtioDeviceModel } from './core/virtio-device-model.ts';

/** A device of this type, with a configuration of this size, that does nothing. */
export function bareDevice(deviceType: number, configSize = 0): VirtioDeviceModel {
  return {
    name: 'bare',
    deviceType,
    features: 0n,
    queueSizes: [8],
    config: new Uint8Array(configSize),
    handleChain: () => 0,
  };
}
