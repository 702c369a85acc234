import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import type { EfiBlockIo, EfiBootServices, EfiHandle, GuestBuffer } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  EFI_PAGE_SIZE,
  ExtScsiPassThruProtocol,
  PciIoProtocol,
  PciRootBridgeIoProtocol,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioScsiUnit } from '@dxelab/virtio-devices';
import { VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';

const MEMORY = 64 * 2 ** 20;

/** A machine with a SCSI host of 32 targets and 8 LUNs each, on PCI modern. */
export class ScsiWorld {
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly #function: EfiHandle;

  constructor(units: readonly VirtioScsiUnit[], profile: Profile = 'specification') {
    const host = new PciHostBridge();
    host.plug('02.0', new VirtioPciModern(new VirtioScsi({ units, maxTarget: 31, maxLun: 7 })));
    const budget = { virtualTime: Number.MAX_SAFE_INTEGER, accesses: Number.MAX_SAFE_INTEGER };
    const { platform } = createEmulatedMachine({ memory: MEMORY, devices: [host], budget });
    this.core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks(profile) });
    this.core.dispatch();
    this.bs = this.core.systemTable.bootServices;
    const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
    for (const root of this.bs.locateHandleBuffer(all)) this.bs.connectController(root);
    this.#function = this.#only(PciIoProtocol);
  }

  /** Starts what drives the SCSI host, up to the channel and its units, or to their blocks. */
  connect(recursive: boolean): void {
    this.bs.connectController(this.#function, undefined, undefined, recursive);
  }

  /** Takes the units away. */
  forget(): void {
    this.bs.disconnectController(this.#only(ExtScsiPassThruProtocol), this.#image('ScsiBusDxe'));
  }

  get blockIo(): EfiBlockIo {
    return this.bs.locateProtocol(BlockIoProtocol);
  }

  /** A page of guest memory that a bus master reaches in place. */
  page(): GuestBuffer {
    const address = this.bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', 1);
    return { address, length: EFI_PAGE_SIZE };
  }

  #only(protocol: Parameters<EfiBootServices['locateProtocol']>[0]): EfiHandle {
    const handles = this.bs.locateHandleBuffer({ type: 'ByProtocol', protocol });
    const handle = handles.at(-1);
    if (handle === undefined) throw new TypeError(`no handle has ${protocol.name}`);
    return handle;
  }

  #image(name: string): EfiHandle {
    const image = this.core.images().find((one) => one.name === name);
    if (image === undefined) throw new TypeError(`${name} was not started`);
    return image.handle;
  }
}
