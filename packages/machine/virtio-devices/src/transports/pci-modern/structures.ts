import { EFI_PCI_CAPABILITY_ID_VENDOR } from '@dxelab/pci';
import type { PciCapability } from '@dxelab/pci-devices';
import {
  VIRTIO_PCI_CAP,
  VIRTIO_PCI_CAP_COMMON_CFG,
  VIRTIO_PCI_CAP_DEVICE_CFG,
  VIRTIO_PCI_CAP_ISR_CFG,
  VIRTIO_PCI_CAP_NOTIFY_CFG,
} from '@dxelab/virtio';
import type { TransportLimits } from '../check-model.ts';

/** Where the structures are: one 64-bit BAR, a page for each, as on QEMU. */
export const STRUCTURE_BAR = 4;
export const STRUCTURE_BAR_SIZE = 0x4000;
export const STRUCTURE_SIZE = 0x1000;
export const COMMON_STRUCTURE = 0x0000;
export const ISR_STRUCTURE = 0x1000;
export const DEVICE_STRUCTURE = 0x2000;
export const NOTIFY_STRUCTURE = 0x3000;
/** Bytes from the notification address of one queue to that of the next (virtio §4.1.4.4). */
export const NOTIFY_OFF_MULTIPLIER = 4;

/** What fits into the structures, and into the device ids. */
export const MODERN_LIMITS: TransportLimits = {
  transport: 'PCI',
  deviceType: 0x3f,
  queues: STRUCTURE_SIZE / NOTIFY_OFF_MULTIPLIER,
  config: STRUCTURE_SIZE,
};

/** Bytes of struct virtio_pci_cap, and with one more field behind it. */
const CAP_SIZE = 16;
export const EXTENDED_CAP_SIZE = 20;
/** A capability's body begins behind its id and the pointer to the next. */
const BODY = 2;

/**
 * The capabilities that say where the structures are, as QEMU adds them (virtio §4.1.4): that of the
 * device configuration also for a device type that has none, where §4.1.4.6 leaves it open.
 */
export function structureCapabilities(): readonly PciCapability[] {
  const notify = virtioCapability(VIRTIO_PCI_CAP_NOTIFY_CFG, NOTIFY_STRUCTURE, EXTENDED_CAP_SIZE);
  setField(notify, VIRTIO_PCI_CAP.extra, NOTIFY_OFF_MULTIPLIER);
  return [
    virtioCapability(VIRTIO_PCI_CAP_COMMON_CFG, COMMON_STRUCTURE),
    virtioCapability(VIRTIO_PCI_CAP_ISR_CFG, ISR_STRUCTURE),
    virtioCapability(VIRTIO_PCI_CAP_DEVICE_CFG, DEVICE_STRUCTURE),
    notify,
  ].map((body) => ({ id: EFI_PCI_CAPABILITY_ID_VENDOR, body }));
}

/** The body of a struct virtio_pci_cap for one structure. */
function virtioCapability(type: number, offset: number, size: number = CAP_SIZE): Uint8Array {
  const body = new Uint8Array(size - BODY);
  body[VIRTIO_PCI_CAP.len - BODY] = size;
  body[VIRTIO_PCI_CAP.cfgType - BODY] = type;
  body[VIRTIO_PCI_CAP.bar - BODY] = STRUCTURE_BAR;
  setField(body, VIRTIO_PCI_CAP.offset, offset);
  setField(body, VIRTIO_PCI_CAP.length, STRUCTURE_SIZE);
  return body;
}

function setField(body: Uint8Array, field: number, value: number): void {
  new DataView(body.buffer).setUint32(field - BODY, value, true);
}
