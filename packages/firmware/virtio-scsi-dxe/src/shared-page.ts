import type { DeviceAddress, PhysicalAddress } from '@dxelab/uefi';
import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { VirtioDevice, VirtioMapping } from '@dxelab/virtio';
import { virtioMapAllBytesInSharedBuffer } from '@dxelab/virtio-lib';

/** A page that driver and device share for as long as the driver runs: nothing of it is mapped per request. */
export class SharedPage {
  readonly address: PhysicalAddress;
  readonly deviceAddress: DeviceAddress;
  readonly #virtIo: VirtioDevice;
  readonly #mapping: VirtioMapping;

  /** @throws EFI_OUT_OF_RESOURCES and what MapSharedBuffer throws */
  constructor(virtIo: VirtioDevice) {
    this.#virtIo = virtIo;
    this.address = virtIo.allocateSharedPages(1);
    try {
      this.#mapping = virtioMapAllBytesInSharedBuffer(
        virtIo,
        'VirtioOperationBusMasterCommonBuffer',
        { address: this.address, length: EFI_PAGE_SIZE },
        EFI_PAGE_SIZE,
      );
    } catch (caught) {
      virtIo.freeSharedPages(1, this.address);
      throw caught;
    }
    this.deviceAddress = this.#mapping.deviceAddress;
  }

  free(): void {
    this.#virtIo.unmapSharedBuffer(this.#mapping);
    this.#virtIo.freeSharedPages(1, this.address);
  }
}
