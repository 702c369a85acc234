import type { GuestRam } from '@dxelab/platform';
import type { DeviceAddress, EfiScsiRequestPacket, PhysicalAddress } from '@dxelab/uefi';
import { isEfiFailure } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';
import { writeRequestHeader } from './request-header.ts';
import type { OpenRequest, RequestMemory } from './request-memory.ts';
import { presetResponse } from './scsi-response.ts';
import { SharedPage } from './shared-page.ts';

/** Where the response stands in the page, behind the request. */
const RESPONSE = 64;

/**
 * One shared page for all requests: one request is in flight at most, so nothing has to be allocated or
 * mapped but its data, and those where the caller has them.
 */
export class KeptRequestMemory implements RequestMemory, OpenRequest {
  readonly request: DeviceAddress;
  readonly response: DeviceAddress;
  readonly responseAt: PhysicalAddress;
  private readonly virtIo: VirtioDevice;
  private readonly ram: GuestRam;
  private readonly page: SharedPage;
  private readonly requestAt: PhysicalAddress;
  private mappedIn: VirtioMapping | undefined = undefined;
  private mappedOut: VirtioMapping | undefined = undefined;

  /** @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws */
  constructor(virtIo: VirtioDevice, ram: GuestRam) {
    this.virtIo = virtIo;
    this.ram = ram;
    this.page = new SharedPage(virtIo);
    this.requestAt = this.page.address;
    this.request = this.page.deviceAddress;
    this.response = this.page.deviceAddress + RESPONSE;
    this.responseAt = this.page.address + RESPONSE;
  }

  get dataIn(): DeviceAddress {
    return this.mappedIn?.deviceAddress ?? 0;
  }

  get dataOut(): DeviceAddress {
    return this.mappedOut?.deviceAddress ?? 0;
  }

  open(): OpenRequest {
    return this;
  }

  fill(lun: number, id: number, cdb: Uint8Array): void {
    writeRequestHeader(this.ram, this.requestAt, lun, id, cdb);
  }

  map(packet: EfiScsiRequestPacket): void {
    presetResponse(this.ram, this.responseAt);
    const { inDataBuffer, inTransferLength, outDataBuffer, outTransferLength } = packet;
    if (inDataBuffer !== undefined && inTransferLength > 0) {
      this.mappedIn = virtioMapAllBytesInSharedBuffer(
        this.virtIo,
        'VirtioOperationBusMasterWrite',
        inDataBuffer,
        inTransferLength,
      );
    }
    if (outDataBuffer !== undefined && outTransferLength > 0) {
      this.mappedOut = virtioMapAllBytesInSharedBuffer(
        this.virtIo,
        'VirtioOperationBusMasterRead',
        outDataBuffer,
        outTransferLength,
      );
    }
  }

  /** What came in is sure to be the caller's only once it is unmapped. */
  deliver(): void {
    const mapping = this.mappedIn;
    this.mappedIn = undefined;
    if (mapping !== undefined) this.virtIo.unmapSharedBuffer(mapping);
  }

  close(): void {
    this.unmap(this.mappedOut);
    this.mappedOut = undefined;
    this.unmap(this.mappedIn);
    this.mappedIn = undefined;
  }

  free(): void {
    this.page.free();
  }

  private unmap(mapping: VirtioMapping | undefined): void {
    if (mapping === undefined) return;
    try {
      this.virtIo.unmapSharedBuffer(mapping);
    } catch (caught) {
      if (!isEfiFailure(caught)) throw caught;
    }
  }
}
