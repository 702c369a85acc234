import type { GuestRam } from '@dxelab/platform';
import type {
  DeviceAddress,
  EfiBootServices,
  EfiScsiRequestPacket,
  GuestBuffer,
  HostBuffer,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EFI_PAGE_SIZE, isGuestBuffer } from '@dxelab/uefi';
import { Unwind } from '@dxelab/uefi-lib';
import type { VirtioDevice, VirtioMapOperation } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';
import { REQUEST_SIZE, writeRequestHeader } from './request-header.ts';
import type { OpenRequest, RequestMemory } from './request-memory.ts';
import { presetResponse, RESPONSE_SIZE } from './scsi-response.ts';

/**
 * What OVMF does: the request from pool, response and incoming data from pages of their own, all of
 * them mapped anew each time.
 */
export class FreshRequestMemory implements RequestMemory {
  readonly #bs: EfiBootServices;
  readonly #virtIo: VirtioDevice;
  readonly #ram: GuestRam;

  constructor(bs: EfiBootServices, virtIo: VirtioDevice, ram: GuestRam) {
    this.#bs = bs;
    this.#virtIo = virtIo;
    this.#ram = ram;
  }

  open(): OpenRequest {
    return new FreshRequest(this.#bs, this.#virtIo, this.#ram);
  }

  free(): void {
    // nothing is kept between requests
  }
}

class FreshRequest implements OpenRequest {
  request: DeviceAddress = 0;
  response: DeviceAddress = 0;
  dataIn: DeviceAddress = 0;
  dataOut: DeviceAddress = 0;
  responseAt: PhysicalAddress = 0;
  readonly #virtIo: VirtioDevice;
  readonly #ram: GuestRam;
  readonly #pool: GuestBuffer;
  /** Where incoming data lie until they are delivered. */
  #bounce: PhysicalAddress = 0;
  readonly #unwind = new Unwind();

  constructor(bs: EfiBootServices, virtIo: VirtioDevice, ram: GuestRam) {
    this.#virtIo = virtIo;
    this.#ram = ram;
    this.#pool = bs.allocatePool('EfiBootServicesData', REQUEST_SIZE);
    this.#unwind.push(() => bs.freePool(this.#pool));
  }

  fill(lun: number, id: number, cdb: Uint8Array): void {
    writeRequestHeader(this.#ram, this.#pool.address, lun, id, cdb);
  }

  map(packet: EfiScsiRequestPacket): void {
    const { inTransferLength, outDataBuffer, outTransferLength } = packet;
    this.request = this.#map('VirtioOperationBusMasterRead', this.#pool, REQUEST_SIZE);
    if (inTransferLength > 0) {
      this.#bounce = this.#sharedPages(Math.ceil(inTransferLength / EFI_PAGE_SIZE));
      this.dataIn = this.#mapCommon(this.#bounce, inTransferLength);
    }
    if (outDataBuffer !== undefined && outTransferLength > 0) {
      const operation = 'VirtioOperationBusMasterRead';
      this.dataOut = this.#map(operation, outDataBuffer, outTransferLength);
    }
    this.responseAt = this.#sharedPages(1);
    presetResponse(this.#ram, this.responseAt);
    this.response = this.#mapCommon(this.responseAt, RESPONSE_SIZE);
  }

  deliver({ inDataBuffer, inTransferLength }: EfiScsiRequestPacket): void {
    if (inDataBuffer === undefined || inTransferLength === 0) return;
    if (isGuestBuffer(inDataBuffer)) {
      this.#ram.copy(inDataBuffer.address, this.#bounce, inTransferLength);
    } else {
      this.#ram.readBytes(this.#bounce, inDataBuffer.subarray(0, inTransferLength));
    }
  }

  close(): void {
    this.#unwind.run();
  }

  #sharedPages(pages: number): PhysicalAddress {
    const address = this.#virtIo.allocateSharedPages(pages);
    this.#unwind.push(() => this.#virtIo.freeSharedPages(pages, address));
    this.#ram.fill(address, pages * EFI_PAGE_SIZE, 0);
    return address;
  }

  #mapCommon(address: PhysicalAddress, length: number): DeviceAddress {
    return this.#map('VirtioOperationBusMasterCommonBuffer', { address, length }, length);
  }

  #map(operation: VirtioMapOperation, host: HostBuffer, length: number): DeviceAddress {
    const mapping = virtioMapAllBytesInSharedBuffer(this.#virtIo, operation, host, length);
    this.#unwind.push(() => this.#virtIo.unmapSharedBuffer(mapping));
    return mapping.deviceAddress;
  }
}
