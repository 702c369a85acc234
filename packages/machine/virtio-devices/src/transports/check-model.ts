import { MachineSetupError } from '@dxelab/emulated-machine';
import type { VirtioDeviceModel } from '../core/virtio-device-model.ts';

/** How much of a model a transport can show. */
export interface TransportLimits {
  /** The transport, as messages call it. */
  readonly transport: string;
  /** The highest device type. */
  readonly deviceType: number;
  readonly queues: number;
  /** Bytes of device configuration. */
  readonly config: number;
}

/** @throws MachineSetupError if the transport cannot show the model */
export function checkModel(model: VirtioDeviceModel, limits: TransportLimits): void {
  const { name, deviceType, queueSizes, config } = model;
  const { transport } = limits;
  if (!Number.isInteger(deviceType) || deviceType < 1 || deviceType > limits.deviceType) {
    throw new MachineSetupError(
      `${name}: a device type on ${transport} is 1 to ${limits.deviceType}, not ${deviceType}`,
    );
  }
  if (queueSizes.length > limits.queues) {
    throw new MachineSetupError(
      `${name}: up to ${limits.queues} queues on ${transport}, not ${queueSizes.length}`,
    );
  }
  if (config.length > limits.config) {
    throw new MachineSetupError(
      `${name}: a configuration of up to ${limits.config} bytes on ${transport}, not ${config.length}`,
    );
  }
  for (const size of queueSizes) {
    if (Number.isInteger(size) && size >= 0 && size <= 32768 && (size & (size - 1)) === 0) continue;
    throw new MachineSetupError(
      `${name}: a queue size is 0 or a power of two up to 32768, not ${size}`,
    );
  }
}
