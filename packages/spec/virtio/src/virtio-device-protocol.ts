import type { DeviceAddress, HostBuffer, PhysicalAddress, Protocol } from '@dxelab/uefi';
import { defineProtocol } from '@dxelab/uefi';
import type { VRing } from './vring.ts';

/** Revisions of a transport: drivers tell legacy from modern by comparing with 1.0.0. */
export const VIRTIO_SPEC_REVISION_0_9_5 = 0x00090005;
export const VIRTIO_SPEC_REVISION_1_0_0 = 0x01000000;

/** VIRTIO_MAP_OPERATION */
export type VirtioMapOperation =
  | 'VirtioOperationBusMasterRead'
  | 'VirtioOperationBusMasterWrite'
  | 'VirtioOperationBusMasterCommonBuffer';

/** What MapSharedBuffer delivers. */
export interface VirtioMapping {
  readonly deviceAddress: DeviceAddress;
  /** In bytes; may be less than was asked for. */
  readonly numberOfBytes: number;
}

/** In bytes, a field of the device-specific configuration; those of 64 bits have `readDevice64`. */
export type VirtioFieldSize = 1 | 2 | 4;

/**
 * VIRTIO_DEVICE_PROTOCOL (OvmfPkg/Include/Protocol/VirtioDevice.h): a virtio device, whatever its
 * transport. Every member may throw EFI_INVALID_PARAMETER, EFI_UNSUPPORTED or EFI_DEVICE_ERROR as its
 * transport's README says.
 */
export interface VirtioDevice {
  readonly revision: number;
  /** The virtio device type. */
  readonly subSystemDeviceId: number;
  getDeviceFeatures(): bigint;
  /** @throws EFI_UNSUPPORTED for bits that the transport cannot carry */
  setGuestFeatures(features: bigint): void;
  /**
   * Publishes the ring of the selected queue.
   * @param ringBaseShift device address minus host address, as VirtioRingMap delivers it
   */
  setQueueAddress(ring: VRing, ringBaseShift: number): void;
  setQueueSel(index: number): void;
  /** Tells the device that queue `index` has something new: the kick. */
  setQueueNotify(index: number): void;
  setQueueAlign(alignment: number): void;
  /** @throws EFI_UNSUPPORTED unless it is 4096 */
  setPageSize(pageSize: number): void;
  /** The size of the selected queue, in descriptors. */
  getQueueNumMax(): number;
  /** @throws EFI_UNSUPPORTED */
  setQueueNum(queueSize: number): void;
  getDeviceStatus(): number;
  /** 0 resets the device. */
  setDeviceStatus(status: number): void;
  /** @param fieldOffset in bytes, in the device-specific configuration. @throws EFI_INVALID_PARAMETER */
  writeDevice(fieldOffset: number, fieldSize: VirtioFieldSize, value: number): void;
  readDevice(fieldOffset: number, fieldSize: VirtioFieldSize): number;
  /** A 64-bit field: two accesses of 4 bytes, the lower half first; untorn in the `specification` profile. */
  readDevice64(fieldOffset: number): bigint;
  /** Memory that the device may share. @throws EFI_OUT_OF_RESOURCES */
  allocateSharedPages(pages: number): PhysicalAddress;
  freeSharedPages(pages: number, hostAddress: PhysicalAddress): void;
  /** @throws EFI_UNSUPPORTED, EFI_INVALID_PARAMETER, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR */
  mapSharedBuffer(
    operation: VirtioMapOperation,
    host: HostBuffer,
    numberOfBytes: number,
  ): VirtioMapping;
  unmapSharedBuffer(mapping: VirtioMapping): void;
}

export const VirtioDeviceProtocol: Protocol<VirtioDevice> = defineProtocol(
  'VirtioDevice',
  'fa920010-6785-4941-b6ec-498c579f160a',
);
