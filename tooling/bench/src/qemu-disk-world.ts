import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDxeCore } from '@dxelab/dxe-core';
import { ovmf } from '@dxelab/ovmf';
import type { QemuMachine } from '@dxelab/qemu-machine';
import { createQemuMachine, qemuVirtioBlk } from '@dxelab/qemu-machine';
import type { EfiBlockIo, EfiBootServices, GuestBuffer } from '@dxelab/uefi';
import { BlockIoProtocol, EFI_PAGE_SIZE, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

const MEMORY = 64 * 2 ** 20;

/** A QEMU with one disk on PCI modern, and the firmware that drives it, connected. */
export class QemuDiskWorld implements Disposable {
  readonly blockIo: EfiBlockIo;
  readonly #bs: EfiBootServices;
  readonly #machine: QemuMachine;
  readonly #folder = mkdtempSync(join(tmpdir(), 'dxelab-bench-'));

  /** @param content of the disk */
  constructor(content: Uint8Array) {
    const path = join(this.#folder, 'disk.img');
    writeFileSync(path, content);
    const image = { path, access: 'read-only' } as const;
    this.#machine = createQemuMachine({
      machine: 'q35',
      memory: MEMORY,
      devices: [qemuVirtioBlk({ transport: 'pci-modern', slot: '02.0', image })],
    });
    const core = createDxeCore(this.#machine.platform, {
      modules: ovmf(),
      quirks: new Quirks('specification'),
    });
    core.dispatch();
    this.#bs = core.systemTable.bootServices;
    const bridges = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
    for (const bridge of this.#bs.locateHandleBuffer(bridges)) {
      this.#bs.connectController(bridge, undefined, undefined, true);
    }
    this.blockIo = this.#bs.locateProtocol(BlockIoProtocol);
  }

  /** Guest memory that QEMU's devices reach in place. @param length in bytes, whole pages */
  guestBuffer(length: number): GuestBuffer {
    const pages = length / EFI_PAGE_SIZE;
    const address = this.#bs.allocatePages('AllocateAnyPages', 'EfiBootServicesData', pages);
    return { address, length };
  }

  [Symbol.dispose](): void {
    this.#machine.close();
    rmSync(this.#folder, { recursive: true });
  }
}
