import type { CapsuleLib } from '@dxelab/capsule-runtime-dxe';
import { capsuleLibNull, capsuleRuntimeDxe } from '@dxelab/capsule-runtime-dxe';
import type { DxeCore } from '@dxelab/dxe-core';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine, Mc146818 } from '@dxelab/emulated-machine';
import { monotonicCounterRuntimeDxe } from '@dxelab/monotonic-counter-runtime-dxe';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import type { GuestRam } from '@dxelab/platform';
import type {
  EfiBootServices,
  EfiDriverBinding,
  EfiErrorStatus,
  EfiHandle,
  EfiRuntimeServices,
  EfiStatus,
  Protocol,
} from '@dxelab/uefi';
import {
  defineProtocol,
  DriverBindingProtocol,
  EfiError,
  Security2ArchProtocol,
} from '@dxelab/uefi';
import type { DxeModule, Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import { OVMF_4M_VARIABLES_SIZE, variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import { watchdogTimerDxe } from '@dxelab/watchdog-timer-dxe';
import { BreakableStorage } from './breakable-storage.fixture.ts';
import { smallestPe } from './smallest-pe.fixture.ts';

/** Protocols of nobody. */
export const Alpha: Protocol<object> = defineProtocol(
  'Alpha',
  'a1a1a1a1-0000-4000-8000-000000000001',
);
export const Beta: Protocol<object> = defineProtocol(
  'Beta',
  'a1a1a1a1-0000-4000-8000-000000000002',
);

/** The clock of the machine. */
export type ClockState = 'works' | 'dead' | 'absent';

/** What an image does when it is started: the status that it returns, or what else it likes. */
export type Program = (world: ServicesWorld, image: EfiHandle) => EfiStatus | void;

/** A core of which no module is dispatched yet, and what the cases share. */
export class ServicesWorld {
  readonly core: DxeCore;
  readonly ram: GuestRam;
  readonly bs: EfiBootServices;
  readonly rt: EfiRuntimeServices;
  /** The handle that the lab acts with. */
  readonly agent: EfiHandle;
  /** Where variables stay. */
  readonly flash: BreakableStorage = new BreakableStorage(OVMF_4M_VARIABLES_SIZE);
  /** What the next image does. */
  program: Program = () => 'EFI_SUCCESS';
  /** Which capsules the platform knows. */
  capsules: CapsuleLib = capsuleLibNull;

  constructor(profile: Profile, clock: ClockState = 'works', modules: readonly DxeModule[] = []) {
    const machine = createEmulatedMachine({
      memory: 16 * 2 ** 20,
      devices: clock === 'absent' ? [] : [new Mc146818({ valid: clock === 'works' })],
    });
    this.ram = machine.platform.ram;
    this.core = createDxeCore(machine.platform, {
      modules: [
        ...modules,
        watchdogTimerDxe,
        variableRuntimeDxe({ storage: this.flash }),
        monotonicCounterRuntimeDxe,
        pcatRealTimeClockRuntimeDxe,
        capsuleRuntimeDxe({
          supportCapsuleImage: (capsule) => this.capsules.supportCapsuleImage(capsule),
          processCapsuleImage: (capsule) => this.capsules.processCapsuleImage(capsule),
        }),
      ],
      quirks: new Quirks(profile),
      runtimes: [{ name: 'test', resolve: () => (image) => this.program(this, image) }],
    });
    this.bs = this.core.systemTable.bootServices;
    this.rt = this.core.systemTable.runtimeServices;
    this.agent = this.core.labImage;
  }

  /** A new handle with Alpha on it. */
  handle(instance: object = {}): EfiHandle {
    return this.bs.installProtocolInterface(undefined, Alpha, instance);
  }

  /** A handle that is none any more. */
  staleHandle(): EfiHandle {
    const instance = {};
    const handle = this.handle(instance);
    this.bs.uninstallProtocolInterface(handle, Alpha, instance);
    return handle;
  }

  /** A security policy that answers everything with this. */
  forbid(status: EfiErrorStatus): void {
    this.bs.installProtocolInterface(undefined, Security2ArchProtocol, {
      fileAuthentication: () => {
        throw new EfiError(status, 'the policy says so');
      },
    });
  }

  /** An image that is loaded and not started. */
  load(program: Program = () => 'EFI_SUCCESS', file: Uint8Array = smallestPe()): EfiHandle {
    this.program = program;
    return this.bs.loadImage(false, this.agent, undefined, file);
  }

  /** An image that stays, because it is a driver. */
  driver(program: Program): EfiHandle {
    const image = this.load(program, smallestPe({ subsystem: 11 }));
    this.bs.startImage(image);
    return image;
  }

  /** A driver that manages whatever has Alpha, and refuses to stop with `stop`. */
  bind(stop: () => void = () => {}): EfiHandle {
    return this.driver((_world, image) => {
      const binding: EfiDriverBinding = {
        version: 0x10,
        imageHandle: image,
        driverBindingHandle: image,
        supported: (controller) =>
          this.bs.tryOpenProtocol(controller, Alpha, image, controller, 0x10).status,
        start: () => {},
        stop: (controller) => {
          stop();
          this.bs.closeProtocol(controller, Alpha, image, controller);
        },
      };
      this.bs.installProtocolInterface(image, DriverBindingProtocol, binding);
    });
  }
}
