import type { BootAttempt, BootOption } from '@dxelab/bds-dxe';
import type { DebugRecord, DxeCore, ImageEntryPoint } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import type {
  Budget,
  EmulatedMachine,
  EmulatedMachineOptions,
  MachineFinding,
} from '@dxelab/emulated-machine';
import { Mc146818, Uart16550, createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import type { PciFunction } from '@dxelab/pci-devices';
import { PciHostBridge } from '@dxelab/pci-devices';
import type { Platform, TerminalKind } from '@dxelab/platform';
import { isTerminalSignal } from '@dxelab/platform';
import { convertDevicePathToText, EFI_OPEN_PROTOCOL_BY_DRIVER } from '@dxelab/uefi';
import type { DxeModule, Profile, QuirkName } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';
import type {
  BlockBackend,
  VirtioBlkOptions,
  VirtioMmio,
  VirtioTransportOptions,
} from '@dxelab/virtio-devices';
import {
  MemoryBackend,
  OverlayBackend,
  VirtioBlk,
  VirtioMmioBus,
  VirtioPciModern,
} from '@dxelab/virtio-devices';
import { demoDisk } from './demo-disk.fixture.ts';

/** In bytes. Enough for a boot, and quick to make: there are hundreds of these machines. */
const MEMORY = 16 * 2 ** 20;
/** A boot takes some ten milliseconds of virtual time; what takes more of it than this hangs. */
const BUDGET: Budget = { virtualTime: 60e9 };

/** Without the options that EDK II makes of devices, which it tries before all else (BdsDxe.DevicesBecomeOptions). */
export const OPTIONS_AS_WRITTEN: Partial<Record<QuirkName, boolean>> = {
  'BdsDxe.DevicesBecomeOptions': false,
};

/** A virtio disk with these bytes, which are not changed, or over this backend. */
export function virtioDisk(
  content: Uint8Array | BlockBackend = demoDisk(),
  blk: Partial<VirtioBlkOptions> = {},
  transport: VirtioTransportOptions = {},
): VirtioPciModern {
  const backend = content instanceof Uint8Array ? overlay(content) : content;
  return new VirtioPciModern(new VirtioBlk({ backend, ...blk }), transport);
}

function overlay(bytes: Uint8Array): BlockBackend {
  return new OverlayBackend(new MemoryBackend(bytes, { readOnly: true }));
}

export interface BootWorldOptions extends Pick<
  EmulatedMachineOptions,
  'lowStorage' | 'seed' | 'budget' | 'trace'
> {
  readonly profile?: Profile;
  readonly quirks?: Partial<Record<QuirkName, boolean>>;
  /** In bytes, or the ranges themselves. */
  readonly memory?: EmulatedMachineOptions['memory'];
  /** What stands in the slots of bus 0. Default: the demonstration disk in 02.0. */
  readonly slots?: Readonly<Record<string, PciFunction>>;
  /** Devices beside the PCI host bridge. */
  readonly mmio?: readonly VirtioMmio[];
  /** What runs in place of \EFI\BOOT\BOOTX64.EFI; without it the machine's own code would. */
  readonly standIn?: DxeModule;
  /** Modules beside OVMF's. */
  readonly drivers?: readonly DxeModule[];
  readonly bootOptions?: readonly BootOption[];
  /** Where variables stay; without, they end with this world. */
  readonly variables?: NonVolatileStorage;
  /** What stands between the firmware and the machine. */
  readonly waist?: (platform: Platform) => Platform;
}

/** How a boot ended: a terminal signal, or what a bug threw. */
export interface Outcome {
  readonly kind: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** The error, if it was one. */
  readonly error?: unknown;
}

/** A machine like OVMF's on QEMU, and the whole firmware on it. */
export class BootWorld {
  readonly machine: EmulatedMachine;
  readonly core: DxeCore;
  /** What the functions on bus 0 are, by slot. */
  readonly slots: Readonly<Record<string, PciFunction>>;
  readonly findings: MachineFinding[] = [];
  readonly debug: DebugRecord[] = [];
  readonly attempts: BootAttempt[] = [];
  readonly #console: number[] = [];

  constructor(options: BootWorldOptions = {}) {
    const { profile = 'specification', quirks, memory = MEMORY, budget = BUDGET } = options;
    const { lowStorage, seed, trace, standIn, drivers = [], bootOptions } = options;
    const { mmio, variables, waist } = options;
    this.slots = options.slots ?? { '02.0': virtioDisk() };
    const bridge = new PciHostBridge();
    for (const [slot, device] of Object.entries(this.slots)) bridge.plug(slot, device);
    this.machine = createEmulatedMachine({
      memory,
      devices: [
        new Uart16550((byte) => this.#console.push(byte)),
        new Mc146818(),
        bridge,
        ...mmioBus(mmio),
      ],
      budget,
      onFinding: (finding) => this.findings.push(finding),
      ...(lowStorage === undefined ? {} : { lowStorage }),
      ...(seed === undefined ? {} : { seed }),
      ...(trace === undefined ? {} : { trace }),
    });
    const platform = waist?.(this.machine.platform) ?? this.machine.platform;
    const bds = {
      onAttempt: (attempt: BootAttempt): void => void this.attempts.push(attempt),
      ...(bootOptions === undefined ? {} : { bootOptions }),
    };
    this.core = createDxeCore(platform, {
      modules: [...ovmf(bds, variables && { storage: variables }), ...drivers],
      quirks: new Quirks(profile, quirks),
      runtimes: [{ name: 'stand-in', resolve: () => standIn && entryPointOf(standIn, platform) }],
      onDebug: (record) => this.debug.push(record),
      trace,
    });
  }

  /** Boots until the world ends, or a bug ends it. */
  boot(): Outcome {
    try {
      return this.core.run();
    } catch (caught) {
      if (isTerminalSignal(caught)) return caught;
      const message = caught instanceof Error ? caught.message : String(caught);
      return { kind: 'crashed', message, details: {}, error: caught };
    }
  }

  /** Boots to this kind of end. @throws an Error that tells the story, if it ended otherwise */
  bootTo(kind: TerminalKind | 'crashed'): Outcome {
    const outcome = this.boot();
    if (outcome.kind === kind) return outcome;
    const story = [
      `expected the outcome ${kind}, not ${outcome.kind}: ${outcome.message}`,
      ...this.attempts.map(({ devicePath, reason }) => `${devicePath}: ${reason}`),
      ...this.startFailures,
      ...this.findings.map(({ rule, message }) => `${rule}: ${message}`),
    ];
    throw new Error(story.join('\n'), { cause: outcome.error });
  }

  /** What the serial console shows. */
  get console(): string {
    return Buffer.from(this.#console).toString('utf8');
  }

  /** The device status of every virtio function on bus 0. */
  get deviceStatuses(): readonly number[] {
    return Object.values(this.slots).flatMap((func) =>
      func instanceof VirtioPciModern ? [func.deviceStatus] : [],
    );
  }

  /** How often devices have reached for RAM so far. */
  get dmaAccesses(): number {
    return this.machine.dmas.reduce((sum, { accesses }) => sum + accesses, 0);
  }

  /** The handles with a device path, with protocols and the drivers that manage them, as lines of text. */
  get deviceTree(): readonly string[] {
    return this.core.handles().flatMap(({ protocols }) => {
      const path = protocols.find(({ name }) => name === 'DevicePath')?.interface;
      if (!(path instanceof Uint8Array)) return [];
      const drivers = protocols.flatMap(({ opens }) =>
        opens
          .filter(({ attributes }) => (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) !== 0)
          .map(({ agentHandle }) => agentHandle && this.core.nameOf(agentHandle)),
      );
      const names = protocols.map(({ name }) => name).join(' ');
      return [`${convertDevicePathToText(path)}: ${names} | ${[...new Set(drivers)].join(' ')}`];
    });
  }

  /** Why drivers failed to start. */
  get startFailures(): readonly string[] {
    return this.core
      .startFailures()
      .map(
        ({ driver, error }) => `${this.core.nameOf(driver.driverBindingHandle)}: ${error.message}`,
      );
  }
}

function mmioBus(devices: readonly VirtioMmio[] = []): readonly VirtioMmioBus[] {
  if (devices.length === 0) return [];
  const bus = new VirtioMmioBus();
  for (const device of devices) bus.plug(device);
  return [bus];
}

function entryPointOf(module: DxeModule, platform: Platform): ImageEntryPoint {
  return module.hardware === true
    ? (handle, table, libraries) => module.entryPoint(handle, table, { ...libraries, platform })
    : (handle, table, libraries) => module.entryPoint(handle, table, libraries);
}
