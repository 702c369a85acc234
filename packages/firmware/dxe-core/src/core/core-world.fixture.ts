import { isTerminalSignal } from '@dxelab/platform';
import type { TerminalSignal } from '@dxelab/platform';
import type {
  EfiBootServices,
  EfiFile,
  EfiHandle,
  EfiSimpleTextOutput,
  EfiSystemTable,
  EfiStatus,
  HostBuffer,
} from '@dxelab/uefi';
import {
  DevicePathProtocol,
  EfiError,
  NotModelledError,
  SimpleFileSystemProtocol,
  devicePath,
  guid,
  isEfiFailure,
  isGuestBuffer,
  pciNode,
  protocolInterface,
} from '@dxelab/uefi';
import type { DxeModule, ModuleLibraries, ModuleType, Profile } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import type { ImageEntryPoint } from '../image/image-runtime.ts';
import { TestPlatform } from '../test-platform.fixture.ts';
import type { DxeCore } from './dxe-core.ts';
import { createDxeCore } from './dxe-core.ts';
import type { FirmwareFinding } from './firmware-finding.ts';

/** What an image does when it is started. */
export type Program = (
  bs: EfiBootServices,
  imageHandle: EfiHandle,
  systemTable: EfiSystemTable,
  libraries: ModuleLibraries,
) => EfiStatus | void;

/** A module of that name that does this. */
export function module(name: string, program: Program, moduleType: ModuleType = 'DXE_DRIVER') {
  const made: DxeModule = {
    name,
    fileGuid: guid('00000000-0000-0000-0000-000000000001'),
    moduleType,
    depex: { op: 'TRUE' },
    entryPoint: (handle, table, libraries) => {
      program(table.bootServices, handle, table, libraries);
    },
  };
  return made;
}

/** A core on a platform without devices, and an image runtime that runs `program` for any file. */
export class CoreWorld {
  readonly platform = new TestPlatform();
  readonly quirks: Quirks;
  readonly core: DxeCore;
  readonly bs: EfiBootServices;
  readonly debugged: string[] = [];
  readonly findings: FirmwareFinding[] = [];
  /** What every PE image does; `undefined` leaves it to the machine. */
  program: Program | undefined;

  constructor(profile: Profile = 'specification', modules: readonly DxeModule[] = []) {
    this.quirks = new Quirks(profile);
    this.core = createDxeCore(this.platform, {
      modules,
      quirks: this.quirks,
      runtimes: [{ name: 'test', resolve: () => this.#entryPoint() }],
      onDebug: ({ module: name, message }) => this.debugged.push(`${name}: ${message}`),
      onFinding: (finding) => this.findings.push(finding),
    });
    this.bs = this.core.systemTable.bootServices;
  }

  /** Loads a file from memory. */
  load(file: Uint8Array): EfiHandle {
    return this.bs.loadImage(false, this.core.labImage, undefined, file);
  }

  /** A volume with these files at Pci(1,0); returns its handle. */
  volume(files: Readonly<Record<string, Uint8Array>>): EfiHandle {
    const { ram } = this.platform;
    const write = (target: HostBuffer, content: Uint8Array): void => {
      if (isGuestBuffer(target)) ram.writeBytes(target.address, content);
      else target.set(content);
    };
    return this.bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(DevicePathProtocol, devicePath(pciNode(1, 0))),
      protocolInterface(SimpleFileSystemProtocol, {
        revision: 0x10000,
        openVolume: () => fakeFile({ open: (name) => openFile(files[name], name, write) }),
      }),
    );
  }

  #entryPoint(): ImageEntryPoint | undefined {
    const { program } = this;
    if (program === undefined) return undefined;
    return (handle, table, libraries) => program(table.bootServices, handle, table, libraries);
  }
}

function openFile(
  content: Uint8Array | undefined,
  name: string,
  write: (target: HostBuffer, content: Uint8Array) => void,
): EfiFile {
  if (content === undefined) throw new EfiError('EFI_NOT_FOUND', `no file ${name}`);
  const time = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  const efiTime = { ...time, timeZone: undefined, daylight: 0 };
  return fakeFile({
    getInfo: () => ({
      fileSize: content.length,
      physicalSize: content.length,
      createTime: efiTime,
      lastAccessTime: efiTime,
      modificationTime: efiTime,
      attribute: 0,
      fileName: name,
    }),
    read: (target) => {
      write(target, content);
      return content.length;
    },
  });
}

/** A file that can do what it is given, be closed, and nothing else. */
function fakeFile(members: Partial<EfiFile>): EfiFile {
  const never = (): never => {
    throw new NotModelledError('this member of the test file');
  };
  return {
    revision: 0x20000,
    open: never,
    close: () => {},
    delete: never,
    read: never,
    readDirectory: never,
    write: never,
    getPosition: never,
    setPosition: never,
    getInfo: never,
    getFileSystemInfo: never,
    setInfo: never,
    setVolumeLabel: never,
    flush: never,
    ...members,
  };
}

/** The failure that a service throws. */
export function errorOf(body: () => unknown): EfiError | undefined {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught;
    throw caught;
  }
  return undefined;
}

/** Its status, or EFI_SUCCESS. */
export function statusOf(body: () => unknown): EfiStatus {
  return errorOf(body)?.status ?? 'EFI_SUCCESS';
}

/** How the world ended, if it did. */
export function endOf(body: () => unknown): TerminalSignal | undefined {
  try {
    body();
  } catch (caught) {
    if (isTerminalSignal(caught)) return caught;
    throw caught;
  }
  return undefined;
}

/** A console that shows nothing. */
export function silentConsole(): EfiSimpleTextOutput {
  return {
    reset: () => {},
    outputString: () => {},
    testString: () => true,
    queryMode: () => ({ columns: 80, rows: 25 }),
    setMode: () => {},
    setAttribute: () => {},
    clearScreen: () => {},
    setCursorPosition: () => {},
    enableCursor: () => {},
    mode: {
      maxMode: 1,
      mode: 0,
      attribute: 7,
      cursorColumn: 0,
      cursorRow: 0,
      cursorVisible: true,
    },
  };
}
