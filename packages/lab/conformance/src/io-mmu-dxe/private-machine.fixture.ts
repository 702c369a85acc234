import type { DebugRecord, DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { Dma, EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { createEmulatedMachine, Mc146818, Uart16550 } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { PRIVATE_MEMORY } from '@dxelab/platform';
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
  /** In bytes. Default: 16 MiB. */
  readonly memory?: number;
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
  /** The commands that were given to the registers that share pages. */
  readonly commands: number[] = [];
  readonly machine: EmulatedMachine;
  readonly disk: AcceptingBlk;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  /** Of a device that looks where it has no business. */
  readonly #spy: Dma;

  constructor(options: PrivateMachineOptions = {}) {
    const { profile = 'specification', modules = ovmf() } = options;
    const { privateMemory = true, memory = MEMORY } = options;
    const backend = new MemoryBackend(new Uint8Array(2 ** 20).fill(0x5a));
    this.disk = new AcceptingBlk({ backend });
    const bridge = new PciHostBridge();
    bridge.plug('02.0', new VirtioPciModern(this.disk));
    this.machine = createEmulatedMachine({
      memory,
      privateMemory,
      budget: { virtualTime: 10e9 },
      devices: [bridge, new Uart16550(() => {}), new Mc146818()],
      onFinding: (finding) => this.findings.push(finding),
      trace: (name, fields) => {
        if (name !== 'memory_region_ops_write') return;
        if (!('region' in fields) || !('value' in fields)) return;
        if (fields.region === 'private-memory' && fields.address % 16 === PRIVATE_MEMORY.command) {
          this.commands.push(fields.value);
        }
      },
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

  /** Whether devices reach a byte. */
  reaches(address: number): boolean {
    const before = this.findings.length;
    const located = this.#spy.locate(address, 1);
    this.findings.length = before;
    return located !== undefined;
  }

  /** How many pages devices reach; what the machine says to that is no finding of the test's. */
  sharedPages(): number {
    const before = this.findings.length;
    let shared = 0;
    const { length } = this.machine.ram.ranges[0]?.bytes ?? [];
    for (let page = 0; page < length; page += 0x1000) {
      if (this.#spy.locate(page, 0x1000) !== undefined) shared += 1;
    }
    this.findings.length = before;
    return shared;
  }

  /** Connects the disk. */
  openDisk(): EfiBlockIo {
    this.connect();
    return this.bs.locateProtocol(BlockIoProtocol);
  }

  /** Connects whatever there is. */
  connect(): void {
    const root = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
    for (const handle of this.bs.locateHandleBuffer(root)) {
      this.bs.connectController(handle, undefined, undefined, true);
    }
  }

  exitBootServices(): void {
    this.bs.exitBootServices(this.core.labImage, this.bs.getMemoryMap().mapKey);
  }
}
