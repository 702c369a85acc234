import type { DebugRecord, DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { Dma, EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { createEmulatedMachine, Uart16550 } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import type { EfiBlockIo, EfiBootServices } from '@dxelab/uefi';
import { BlockIoProtocol, PciRootBridgeIoProtocol } from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';

const MEMORY = 16 * 2 ** 20;

export interface PrivateMachineOptions {
  readonly profile?: Profile;
  readonly modules?: readonly DxeModule[];
  /** Default: it is. */
  readonly privateMemory?: boolean;
}

/** A disk that remembers which features the driver accepted. */
class AcceptingBlk extends VirtioBlk {
  accepted = 0n;

  override start(features: bigint): void {
    super.start(features);
    this.accepted = features;
  }
}

/** A machine with a virtio disk, whose memory is private, and a firmware that is dispatched. */
export class PrivateMachine {
  readonly findings: MachineFinding[] = [];
  readonly debug: DebugRecord[] = [];
  readonly machine: EmulatedMachine;
  readonly disk: AcceptingBlk;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  /** Of a device that looks where it has no business. */
  readonly #spy: Dma;

  constructor(options: PrivateMachineOptions = {}) {
    const { profile = 'specification', modules = ovmf(), privateMemory = true } = options;
    const backend = new MemoryBackend(new Uint8Array(2 ** 20).fill(0x5a));
    this.disk = new AcceptingBlk({ backend });
    const bridge = new PciHostBridge();
    bridge.plug('02.0', new VirtioPciModern(this.disk));
    this.machine = createEmulatedMachine({
      memory: MEMORY,
      privateMemory,
      devices: [bridge, new Uart16550(() => {})],
      onFinding: (finding) => this.findings.push(finding),
    });
    this.#spy = this.machine.bus.createDma('spy');
    this.core = createDxeCore(this.machine.platform, {
      modules,
      quirks: new Quirks(profile),
      onDebug: (record) => this.debug.push(record),
    });
    this.core.dispatch();
    this.bs = this.core.systemTable.bootServices;
  }

  /** How many pages devices reach; what the machine says to that is no finding of the test's. */
  sharedPages(): number {
    const before = this.findings.length;
    let shared = 0;
    for (let page = 0; page < MEMORY; page += 0x1000) {
      if (this.#spy.locate(page, 0x1000) !== undefined) shared += 1;
    }
    this.findings.length = before;
    return shared;
  }

  /** Connects the disk. */
  openDisk(): EfiBlockIo {
    const root = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
    for (const handle of this.bs.locateHandleBuffer(root)) {
      this.bs.connectController(handle, undefined, undefined, true);
    }
    return this.bs.locateProtocol(BlockIoProtocol);
  }

  exitBootServices(): void {
    this.bs.exitBootServices(this.core.labImage, this.bs.getMemoryMap().mapKey);
  }
}
