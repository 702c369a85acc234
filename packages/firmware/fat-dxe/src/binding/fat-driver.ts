import type { EfiBootServices, EfiEvent, EfiHandle, EfiStatus, EfiTime } from '@dxelab/uefi';
import {
  BlockIoProtocol,
  DiskIoProtocol,
  EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
  EVT_NOTIFY_SIGNAL,
  EfiError,
  SimpleFileSystemProtocol,
  TPL_CALLBACK,
  UnicodeCollation2Protocol,
  isEfiFailure,
} from '@dxelab/uefi';
import type { DriverBindingBody, ModuleLibraries } from '@dxelab/uefi-lib';
import { DEBUG_ERROR, DEBUG_INIT, tryLocateProtocol, unwinding } from '@dxelab/uefi-lib';
import { fatPolicy } from '../fat-policy.ts';
import { FatFileSystem } from '../volume/fat-file-system.ts';
import type { FatEnvironment } from '../volume/fat-volume.ts';
import { FatVolume } from '../volume/fat-volume.ts';
import { FatLock } from './fat-lock.ts';

/** The driver binding. FatPkg/EnhancedFatDxe/Fat.c, Init.c; UEFI §11.1. */
export class FatDriver implements DriverBindingBody {
  readonly version = 0xa;
  readonly #bs: EfiBootServices;
  readonly #agent: EfiHandle;
  readonly #libraries: ModuleLibraries;
  readonly #lock: FatLock;
  readonly #environment: FatEnvironment;
  readonly #flushEvents = new Map<FatVolume, EfiEvent>();

  /** @param now the time that is written to files */
  constructor(
    bs: EfiBootServices,
    agent: EfiHandle,
    libraries: ModuleLibraries,
    now: () => EfiTime,
  ) {
    this.#bs = bs;
    this.#agent = agent;
    this.#libraries = libraries;
    this.#lock = new FatLock(bs, libraries.debug);
    this.#environment = {
      policy: fatPolicy(libraries.quirks),
      lock: this.#lock,
      now,
      warn: (message) => libraries.debug.debug(DEBUG_ERROR, message),
    };
  }

  /** Any disk will do: whether it has a FAT volume is for Start to find out. */
  supported(controller: EfiHandle): EfiStatus {
    const { status } = this.#bs.tryOpenProtocol(
      controller,
      DiskIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_BY_DRIVER,
    );
    if (status !== 'EFI_SUCCESS') return status;
    this.#closeDiskIo(controller);
    return this.#bs.tryOpenProtocol(
      controller,
      BlockIoProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
    ).status;
  }

  start(controller: EfiHandle): void {
    this.#lock.during(() => {
      try {
        this.#startLocked(controller);
      } catch (caught) {
        // A disk that noticed a new medium has had this driver stopped and started in between: then it is
        // the inner Start that counts.
        if (!isEfiFailure(caught) || !this.#hasFileSystem(controller)) throw caught;
      }
    });
  }

  stop(controller: EfiHandle): void {
    const { status, interface: fileSystem } = this.#bs.tryOpenProtocol(
      controller,
      SimpleFileSystemProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_GET_PROTOCOL,
    );
    if (fileSystem === undefined && !this.#environment.policy.stopNeedsFileSystem) {
      // Start is on its way and has found a new medium: it is to let go of the old one.
      this.#closeDiskIo(controller);
      return;
    }
    if (!(fileSystem instanceof FatFileSystem)) {
      const found = status === 'EFI_SUCCESS' ? 'one of another driver' : status;
      throw new EfiError('EFI_DEVICE_ERROR', `no FAT file system on the controller: ${found}`);
    }
    this.#bs.uninstallMultipleProtocolInterfaces(controller, {
      protocol: SimpleFileSystemProtocol,
      interface: fileSystem,
    });
    const { volume } = fileSystem;
    this.#lock.during(() => volume.abandon());
    const event = this.#flushEvents.get(volume);
    if (event !== undefined) this.#bs.closeEvent(event);
    this.#flushEvents.delete(volume);
    this.#closeDiskIo(controller);
  }

  #startLocked(controller: EfiHandle): void {
    unwinding((unwind) => {
      const blockIo = this.#bs.openProtocol(
        controller,
        BlockIoProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_GET_PROTOCOL,
      );
      const diskIo = this.#bs.openProtocol(
        controller,
        DiskIoProtocol,
        this.#agent,
        controller,
        EFI_OPEN_PROTOCOL_BY_DRIVER,
      );
      unwind.push(() => {
        if (!this.#hasFileSystem(controller)) this.#closeDiskIo(controller);
      });
      const volume = new FatVolume(diskIo, blockIo, this.#environmentNow());
      this.#bs.installMultipleProtocolInterfaces(controller, {
        protocol: SimpleFileSystemProtocol,
        interface: new FatFileSystem(volume),
      });
      this.#libraries.debug.debug(
        DEBUG_INIT,
        `Installed a FAT file system on handle ${controller.number}`,
      );
      if (!this.#environment.policy.stopLosesUnflushed) {
        this.#flushEvents.set(volume, this.#createFlushEvent(volume));
      }
    });
  }

  /** What was written, but not flushed, must not be lost to an operating system that takes over. */
  #createFlushEvent(volume: FatVolume): EfiEvent {
    return this.#bs.createEventEx(
      EVT_NOTIFY_SIGNAL,
      TPL_CALLBACK,
      () => this.#lock.during(() => volume.attempt(() => volume.commit())),
      volume,
      EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
    );
  }

  /** With the collation that is installed, if one is (UnicodeCollation.c). */
  #environmentNow(): FatEnvironment {
    const collation = tryLocateProtocol(this.#bs, UnicodeCollation2Protocol);
    if (collation === undefined) return this.#environment;
    return { ...this.#environment, upperCase: (name) => collation.strUpr(name) };
  }

  #hasFileSystem(controller: EfiHandle): boolean {
    const { status } = this.#bs.tryOpenProtocol(
      controller,
      SimpleFileSystemProtocol,
      this.#agent,
      controller,
      EFI_OPEN_PROTOCOL_TEST_PROTOCOL,
    );
    return status === 'EFI_SUCCESS';
  }

  #closeDiskIo(controller: EfiHandle): void {
    this.#bs.closeProtocol(controller, DiskIoProtocol, this.#agent, controller);
  }
}
