import type {
  CustomDeviceInput,
  DeviceInput,
  PciBridgeInput,
  Size,
  VirtioBlkInput,
} from '@dxelab/scenario';

/** An empty disk: `virtioBlk({ image: zeros('1 MiB') })`. It takes only the memory that is written. */
export function zeros(size: Size): { readonly zeros: Size } {
  return { zeros: size };
}

/** A virtio block device (virtio §5.2). */
export function virtioBlk(options: VirtioBlkInput): DeviceInput {
  return { 'virtio-blk': options };
}

/** A PCI-to-PCI bridge with devices behind it. */
export function pciBridge(options: PciBridgeInput): DeviceInput {
  return { 'pci-bridge': options };
}

/** A device of your own: `customDevice({ device: () => new MyDevice() })`. */
export function customDevice(options: CustomDeviceInput): DeviceInput {
  return { custom: options };
}
