import type { EfiDxeServices, EfiStatus } from '@dxelab/uefi';
import {
  CpuArchProtocol,
  EFI_MEMORY_RUNTIME,
  EFI_MEMORY_UC,
  EFI_MEMORY_WC,
  guid,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { dxeServicesTable } from '@dxelab/uefi-lib';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase, UnprovokedStatus } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

/** Where the machine has nothing. */
const FREE = 0x1_0000_0000;
const LENGTH = 0x10000;
const RAM = 0x10_0000;
/** What the processor does not reach. */
const BEYOND = 2 ** 48;
/** The machine has all ports; this one is nobody's. */
const PORT = 0x8000;
const NO_PORT = 0x1_0000;
const FILE = guid('12345678-1234-1234-1234-123456789abc');

const MMIO = 'EfiGcdMemoryTypeMemoryMappedIo';
const AT = 'EfiGcdAllocateAddress';
const UP = 'EfiGcdAllocateAnySearchBottomUp';

const ds = (world: ServicesWorld): EfiDxeServices => dxeServicesTable(world.core.systemTable);

/** The services of a machine with memory-mapped I/O at FREE. */
function mmio(world: ServicesWorld): EfiDxeServices {
  const services = ds(world);
  services.addMemorySpace(MMIO, FREE, LENGTH, EFI_MEMORY_UC);
  return services;
}

/** ... of which somebody has the beginning. */
function taken(world: ServicesWorld): EfiDxeServices {
  const services = mmio(world);
  services.allocateMemorySpace(AT, MMIO, 0, 0x1000, FREE, world.agent);
  return services;
}

/** The services of a machine of whose ports somebody has one. */
function takenPort(world: ServicesWorld): EfiDxeServices {
  const services = ds(world);
  services.allocateIoSpace(AT, 'EfiGcdIoTypeIo', 0, 1, PORT, world.agent);
  return services;
}

function withoutProcessor(world: ServicesWorld): EfiDxeServices {
  const { bs } = world;
  for (const handle of bs.locateHandleBuffer({ type: 'ByProtocol', protocol: CpuArchProtocol })) {
    bs.uninstallProtocolInterface(handle, CpuArchProtocol, null);
  }
  return mmio(world);
}

const SUCCESS: EfiStatus = 'EFI_SUCCESS';
const INVALID: EfiStatus = 'EFI_INVALID_PARAMETER';
const NOT_FOUND: EfiStatus = 'EFI_NOT_FOUND';
const UNSUPPORTED: EfiStatus = 'EFI_UNSUPPORTED';
const DENIED: EfiStatus = 'EFI_ACCESS_DENIED';

type Case = Omit<StatusCase, 'service'>;
const one = (status: EfiStatus, how: string, provoke: Case['provoke']): Case => ({
  status,
  how,
  provoke,
});

/** Asks for what is going on. */
const DISPATCHES: DxeModule = {
  name: 'Dispatches',
  fileGuid: FILE,
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint: (_image, systemTable) => dxeServicesTable(systemTable).dispatch(),
};
/** Is there, and has its turn only on request. */
const WAITS: DxeModule = {
  name: 'Waits',
  fileGuid: FILE,
  moduleType: 'DXE_DRIVER',
  depex: { op: 'SOR', operand: { op: 'TRUE' } },
  entryPoint: () => {},
};

/** DXE services (PI Vol. 2 §7). */
export const DXE_CASES: readonly StatusCase[] = [
  ...casesOf('AddMemorySpace', [
    one(SUCCESS, 'where nothing was', (world) => mmio(world)),
    one(INVALID, 'of type EfiGcdMemoryTypeNonExistent', (world) =>
      ds(world).addMemorySpace('EfiGcdMemoryTypeNonExistent', FREE, LENGTH, 0n),
    ),
    one(INVALID, 'no length', (world) => ds(world).addMemorySpace(MMIO, FREE, 0, 0n)),
    one(UNSUPPORTED, 'what the processor does not reach', (world) =>
      ds(world).addMemorySpace(MMIO, BEYOND, LENGTH, 0n),
    ),
    one(DENIED, 'where RAM is', (world) => ds(world).addMemorySpace(MMIO, RAM, LENGTH, 0n)),
    one(DENIED, 'what is allocated, though nothing decodes it', (world) => {
      const services = ds(world);
      const type = 'EfiGcdMemoryTypeNonExistent';
      services.allocateMemorySpace(AT, type, 0, LENGTH, FREE, world.agent);
      services.addMemorySpace(MMIO, FREE, LENGTH, 0n);
    }),
  ]),
  ...casesOf('AllocateMemorySpace', [
    one(SUCCESS, 'memory-mapped I/O that is there', (world) => taken(world)),
    one(INVALID, 'no length', (world) =>
      mmio(world).allocateMemorySpace(UP, MMIO, 0, 0, undefined, world.agent),
    ),
    one(INVALID, 'no address', (world) =>
      mmio(world).allocateMemorySpace(AT, MMIO, 0, 1, undefined, world.agent),
    ),
    one(INVALID, 'no image handle', (world) =>
      mmio(world).allocateMemorySpace(AT, MMIO, 0, 1, FREE, undefined),
    ),
    one(NOT_FOUND, 'what somebody has', (world) =>
      taken(world).allocateMemorySpace(AT, MMIO, 0, 1, FREE, world.agent),
    ),
    one(NOT_FOUND, 'more than there is', (world) =>
      mmio(world).allocateMemorySpace(UP, MMIO, 0, LENGTH + 1, undefined, world.agent),
    ),
  ]),
  ...casesOf('FreeMemorySpace', [
    one(SUCCESS, 'what is allocated', (world) => taken(world).freeMemorySpace(FREE, 0x1000)),
    one(INVALID, 'no length', (world) => taken(world).freeMemorySpace(FREE, 0)),
    one(UNSUPPORTED, 'what the processor does not reach', (world) =>
      ds(world).freeMemorySpace(BEYOND, 1),
    ),
    one(NOT_FOUND, 'in part what nobody has', (world) =>
      taken(world).freeMemorySpace(FREE, 0x1001),
    ),
  ]),
  ...casesOf('RemoveMemorySpace', [
    one(SUCCESS, 'what nobody has', (world) => mmio(world).removeMemorySpace(FREE, LENGTH)),
    one(INVALID, 'no length', (world) => mmio(world).removeMemorySpace(FREE, 0)),
    one(UNSUPPORTED, 'what the processor does not reach', (world) =>
      ds(world).removeMemorySpace(BEYOND, 1),
    ),
    one(NOT_FOUND, 'in part what was never added', (world) =>
      mmio(world).removeMemorySpace(FREE, LENGTH + 1),
    ),
    one(DENIED, 'in part what somebody has', (world) =>
      taken(world).removeMemorySpace(FREE, LENGTH),
    ),
  ]),
  ...casesOf('GetMemorySpaceDescriptor', [
    one(SUCCESS, 'of RAM', (world) => ds(world).getMemorySpaceDescriptor(RAM)),
    one(NOT_FOUND, 'of an address that the processor does not reach', (world) =>
      ds(world).getMemorySpaceDescriptor(BEYOND),
    ),
  ]),
  ...casesOf('SetMemorySpaceAttributes', [
    one(SUCCESS, 'what the range can have', (world) =>
      mmio(world).setMemorySpaceAttributes(FREE, LENGTH, EFI_MEMORY_UC),
    ),
    one(INVALID, 'no length', (world) =>
      mmio(world).setMemorySpaceAttributes(FREE, 0, EFI_MEMORY_UC),
    ),
    one(UNSUPPORTED, 'what the processor does not reach', (world) =>
      ds(world).setMemorySpaceAttributes(BEYOND, 0x1000, EFI_MEMORY_UC),
    ),
    one(UNSUPPORTED, 'what the range cannot have', (world) =>
      mmio(world).setMemorySpaceAttributes(FREE, LENGTH, EFI_MEMORY_WC),
    ),
    one('EFI_NOT_AVAILABLE_YET', 'without EFI_CPU_ARCH_PROTOCOL', (world) =>
      withoutProcessor(world).setMemorySpaceAttributes(FREE, LENGTH, EFI_MEMORY_UC),
    ),
  ]),
  ...casesOf('SetMemorySpaceCapabilities', [
    one(SUCCESS, 'more than before', (world) =>
      mmio(world).setMemorySpaceCapabilities(FREE, LENGTH, EFI_MEMORY_UC | EFI_MEMORY_WC),
    ),
    one(INVALID, 'no length', (world) =>
      mmio(world).setMemorySpaceCapabilities(FREE, 0, EFI_MEMORY_UC),
    ),
    one(UNSUPPORTED, 'without what the range has', (world) => {
      const services = mmio(world);
      services.setMemorySpaceAttributes(FREE, LENGTH, EFI_MEMORY_UC);
      services.setMemorySpaceCapabilities(FREE, LENGTH, EFI_MEMORY_RUNTIME);
    }),
  ]),
  ...casesOf('GetMemorySpaceMap', [
    one(SUCCESS, 'at any time', (world) => ds(world).getMemorySpaceMap()),
  ]),
  ...casesOf('AddIoSpace', [
    one(SUCCESS, 'where no port was', (world) => {
      const services = ds(world);
      services.removeIoSpace(PORT, 8);
      services.addIoSpace('EfiGcdIoTypeReserved', PORT, 8);
    }),
    one(INVALID, 'of type EfiGcdIoTypeNonExistent', (world) =>
      ds(world).addIoSpace('EfiGcdIoTypeNonExistent', PORT, 8),
    ),
    one(INVALID, 'no length', (world) => ds(world).addIoSpace('EfiGcdIoTypeIo', PORT, 0)),
    one(UNSUPPORTED, 'more ports than there are', (world) =>
      ds(world).addIoSpace('EfiGcdIoTypeIo', NO_PORT, 1),
    ),
    one(DENIED, 'ports that were added before', (world) =>
      ds(world).addIoSpace('EfiGcdIoTypeIo', PORT, 8),
    ),
  ]),
  ...casesOf('AllocateIoSpace', [
    one(SUCCESS, 'a port', (world) => takenPort(world)),
    one(INVALID, 'no length', (world) =>
      ds(world).allocateIoSpace(UP, 'EfiGcdIoTypeIo', 0, 0, undefined, world.agent),
    ),
    one(INVALID, 'no image handle', (world) =>
      ds(world).allocateIoSpace(UP, 'EfiGcdIoTypeIo', 0, 1, undefined, undefined),
    ),
    one(NOT_FOUND, 'a port that somebody has', (world) =>
      takenPort(world).allocateIoSpace(AT, 'EfiGcdIoTypeIo', 0, 1, PORT, world.agent),
    ),
  ]),
  ...casesOf('FreeIoSpace', [
    one(SUCCESS, 'a port that somebody has', (world) => takenPort(world).freeIoSpace(PORT, 1)),
    one(INVALID, 'no length', (world) => takenPort(world).freeIoSpace(PORT, 0)),
    one(UNSUPPORTED, 'what is no port', (world) => ds(world).freeIoSpace(NO_PORT, 1)),
    one(NOT_FOUND, 'in part what nobody has', (world) => takenPort(world).freeIoSpace(PORT, 2)),
  ]),
  ...casesOf('RemoveIoSpace', [
    one(SUCCESS, 'ports that nobody has', (world) => ds(world).removeIoSpace(PORT, 8)),
    one(INVALID, 'no length', (world) => ds(world).removeIoSpace(PORT, 0)),
    one(UNSUPPORTED, 'what is no port', (world) => ds(world).removeIoSpace(NO_PORT, 1)),
    one(NOT_FOUND, 'the same a second time', (world) => {
      ds(world).removeIoSpace(PORT, 8);
      ds(world).removeIoSpace(PORT, 8);
    }),
    one(DENIED, 'in part what somebody has', (world) => takenPort(world).removeIoSpace(PORT, 8)),
  ]),
  ...casesOf('GetIoSpaceDescriptor', [
    one(SUCCESS, 'of a port', (world) => ds(world).getIoSpaceDescriptor(PORT)),
    one(NOT_FOUND, 'of what is no port', (world) => ds(world).getIoSpaceDescriptor(NO_PORT)),
  ]),
  ...casesOf('GetIoSpaceMap', [one(SUCCESS, 'at any time', (world) => ds(world).getIoSpaceMap())]),
  ...casesOf('Dispatch', [
    one(SUCCESS, 'while modules wait whose expressions hold', (world) => ds(world).dispatch()),
    one(NOT_FOUND, 'when none is left', (world) => {
      world.core.dispatch();
      ds(world).dispatch();
    }),
    {
      ...one('EFI_ALREADY_STARTED', 'by a module that is being dispatched', ({ core }) => {
        core.dispatch();
        for (const { module, error } of core.moduleFailures()) {
          if (module === DISPATCHES) throw error;
        }
      }),
      modules: [DISPATCHES],
    },
  ]),
  ...casesOf('Schedule', [
    {
      ...one(SUCCESS, 'a module whose expression begins with SOR', (world) =>
        ds(world).schedule(undefined, FILE),
      ),
      modules: [WAITS],
    },
    one(NOT_FOUND, 'a module that there is not', (world) => ds(world).schedule(undefined, FILE)),
  ]),
  ...casesOf('Trust', [
    one(NOT_FOUND, 'whatever it is asked for', (world) => ds(world).trust(undefined, FILE)),
  ]),
];

const NO_RECORDS = [
  'AddMemorySpace',
  'AllocateMemorySpace',
  'FreeMemorySpace',
  'RemoveMemorySpace',
  'SetMemorySpaceAttributes',
  'SetMemorySpaceCapabilities',
  'GetMemorySpaceMap',
  'AddIoSpace',
  'AllocateIoSpace',
  'FreeIoSpace',
  'RemoveIoSpace',
  'GetIoSpaceMap',
];
const ONLY_IN_C = [
  'GetMemorySpaceDescriptor',
  'GetMemorySpaceMap',
  'GetIoSpaceDescriptor',
  'GetIoSpaceMap',
];

export const DXE_UNPROVOKED: readonly UnprovokedStatus[] = [
  ...NO_RECORDS.map((service): UnprovokedStatus => ({
    service,
    status: 'EFI_OUT_OF_RESOURCES',
    why: 'records',
  })),
  ...ONLY_IN_C.map((service): UnprovokedStatus => ({
    service,
    status: 'EFI_INVALID_PARAMETER',
    why: 'C',
  })),
  { service: 'SetMemorySpaceAttributes', status: DENIED, why: 'changeable' },
  { service: 'SetMemorySpaceCapabilities', status: DENIED, why: 'changeable' },
  { service: 'Trust', status: SUCCESS, why: 'trusted' },
  { service: 'ProcessFirmwareVolume', status: SUCCESS, why: 'volumes' },
  { service: 'ProcessFirmwareVolume', status: 'EFI_OUT_OF_RESOURCES', why: 'volumes' },
  { service: 'ProcessFirmwareVolume', status: 'EFI_VOLUME_CORRUPTED', why: 'volumes' },
];
