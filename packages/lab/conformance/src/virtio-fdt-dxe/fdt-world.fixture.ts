import type { DebugRecord, DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type { Device, EmulatedMachine, MachineFinding } from '@dxelab/emulated-machine';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { FdtNode } from '@dxelab/fdt';
import { fdtCells, fdtNode, writeFdt } from '@dxelab/fdt';
import type { HobList, Platform } from '@dxelab/platform';
import type { EfiHandle } from '@dxelab/uefi';
import { convertDevicePathToText, EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { VirtioMmio } from '@dxelab/virtio-devices';
import { VirtioMmioBus } from '@dxelab/virtio-devices';
import { virtioFdtDxe } from '@dxelab/virtio-fdt-dxe';

/** Where a tree of the test's own is in RAM. */
const TREE = 0x10_0000;

/** The text of VenHw nodes begins so. */
const TRANSPORT = 'VenHw(837DCA9E-E874-4D82-B29A-23FE0E23D1E2,';

export interface FdtWorldOptions {
  readonly profile?: Profile;
  /** By slot, as QEMU counts them. */
  readonly devices?: Readonly<Record<number, VirtioMmio>>;
  /** Whether the machine's own tree has its empty slots, too. */
  readonly describeEmptySlots?: boolean;
  /** A tree in the place of the machine's own; `none` if there is to be none at all. */
  readonly tree?: Uint8Array | 'none';
}

/** A machine with devices on MMIO, and a firmware that has no more than VirtioFdtDxe. */
export class FdtWorld {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  readonly debug: DebugRecord[] = [];
  readonly findings: MachineFinding[] = [];

  constructor({ profile = 'specification', devices = {}, tree, ...bus }: FdtWorldOptions = {}) {
    const slots = new VirtioMmioBus({ describeEmptySlots: bus.describeEmptySlots ?? false });
    for (const [slot, device] of Object.entries(devices)) slots.plug(device, Number(slot));
    const parts: readonly Device[] = [slots];
    this.machine = createEmulatedMachine({
      memory: 16 * 2 ** 20,
      devices: parts,
      onFinding: (finding) => this.findings.push(finding),
    });
    this.core = createDxeCore(withTree(this.machine.platform, tree), {
      modules: [virtioFdtDxe],
      quirks: new Quirks(profile),
      onDebug: (record) => this.debug.push(record),
    });
    this.core.dispatch();
  }

  /** The devices that were found: the address in the path, and the protocols on its handle. */
  get transports(): readonly (readonly [address: string, protocols: string])[] {
    return this.#transports().map(([address, , protocols]) => [address, protocols]);
  }

  /** The handle of the device at an address. */
  handleAt(address: string): EfiHandle {
    const [, handle] = this.#transports().find(([at]) => at === address) ?? [];
    if (handle === undefined) throw new TypeError(`there is no device at ${address}`);
    return handle;
  }

  /** What VirtioFdtDxe, or the core about it, had to say. */
  get messages(): readonly string[] {
    return this.debug
      .map(({ message }) => message)
      .filter((message) => /^\/|VirtioFdtDxe.*(?:EFI_|device tree)/.test(message));
  }

  #transports(): readonly (readonly [string, EfiHandle, string])[] {
    return this.core.handles().flatMap(({ handle, protocols }) => {
      const path = protocols.find(({ name }) => name === 'DevicePath')?.interface;
      if (!(path instanceof Uint8Array)) return [];
      const text = convertDevicePathToText(path, { edk2: true });
      if (!text.startsWith(TRANSPORT)) return [];
      const names = protocols.map(({ name }) => name).toSorted();
      return [[text.slice(TRANSPORT.length, -1), handle, names.join(' ')] as const];
    });
  }
}

/** A flattened tree with these nodes below a root whose addresses and sizes have two cells. */
export function treeOf(...children: readonly FdtNode[]): Uint8Array {
  const cells = { '#address-cells': fdtCells(2), '#size-cells': fdtCells(2) };
  return writeFdt({ reservations: [], bootCpu: 0, root: fdtNode('', cells, children) });
}

function withTree(platform: Platform, tree: FdtWorldOptions['tree']): Platform {
  if (tree === undefined) return platform;
  const hobs =
    tree === 'none' ? { ...platform.hobs, deviceTree: undefined } : place(platform, tree);
  return new Proxy(platform, {
    get(target, key): unknown {
      if (key === 'hobs') return hobs;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function place(platform: Platform, tree: Uint8Array): HobList {
  platform.ram.writeBytes(TREE, tree);
  const length = Math.ceil(tree.length / EFI_PAGE_SIZE) * EFI_PAGE_SIZE;
  const page = { memoryType: 'EfiBootServicesData', base: TREE, length } as const;
  return {
    ...platform.hobs,
    allocations: [...platform.hobs.allocations, page],
    deviceTree: { address: TREE, length: tree.length },
  };
}
