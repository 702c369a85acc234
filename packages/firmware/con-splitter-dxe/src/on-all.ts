import { isEfiFailure } from '@dxelab/uefi';

/** Does it to each device, also behind one that fails. @throws what the last that failed has thrown */
export function onAll<Device>(devices: Iterable<Device>, action: (device: Device) => void): void {
  let failure: unknown;
  for (const device of devices) {
    try {
      action(device);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
      failure = caught;
    }
  }
  if (failure !== undefined) throw failure;
}
