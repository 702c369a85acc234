import type { LoadOption, LoadOptionType } from '@dxelab/uefi';
import {
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_BOOTSERVICE_ACCESS,
  EFI_VARIABLE_NON_VOLATILE,
  EFI_VARIABLE_RUNTIME_ACCESS,
  efiStatusOf,
  LOAD_OPTION_ACTIVE,
  loadOptionName,
  readLoadOptionOrder,
  writeLoadOption,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { Profile } from '@dxelab/uefi-lib';
import { MemoryStorage, VariableStore } from '@dxelab/variable-runtime-dxe';
import type { BootWorldOptions } from '../boot/boot-world.fixture.ts';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from '../boot/boot-world.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import { application } from '../boot/programs.fixture.ts';

export const NV_BS_RT: number =
  EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
/** The disks. */
export const FIRST = 'PciRoot(0x0)/Pci(0x2,0x0)';
export const SECOND = 'PciRoot(0x0)/Pci(0x3,0x0)';

/** A flash with these variables of the specification. */
export function flash(variables: Readonly<Record<string, Uint8Array>>): MemoryStorage {
  const storage = new MemoryStorage(0x20000);
  const store = new VariableStore(storage);
  for (const [name, data] of Object.entries(variables)) {
    const timeStamp = new Uint8Array(16);
    store.put({ name, vendor: EFI_GLOBAL_VARIABLE, attributes: NV_BS_RT, data, timeStamp });
  }
  return storage;
}

export function option(path: string, more: Partial<LoadOption> = {}): Uint8Array {
  return writeLoadOption({
    attributes: LOAD_OPTION_ACTIVE,
    description: path,
    filePathList: [convertTextToDevicePath(path)],
    optionalData: new Uint8Array(0),
    ...more,
  });
}

/** Options of a type with their order: `{ Boot0001: …, BootOrder: … }`. */
export function ordered(
  type: LoadOptionType,
  ...options: readonly Uint8Array[]
): Record<string, Uint8Array> {
  const variables = options.map((data, number) => [loadOptionName(type, number), data]);
  const order = writeLoadOptionOrder(options.map((_data, number) => number));
  return { ...Object.fromEntries(variables), [`${type}Order`]: order };
}

/** The number in a variable of two bytes; `undefined` if it is not there. */
export function numberIn(running: Running, name: string): number | undefined {
  const data = dataIn(running, name);
  return data && readLoadOptionOrder(data).value?.[0];
}

/** What a variable of the specification holds; `undefined` if it is not there. */
export function dataIn({ systemTable }: Running, name: string): Uint8Array | undefined {
  try {
    return systemTable.runtimeServices.getVariable(name, EFI_GLOBAL_VARIABLE).data;
  } catch (caught) {
    if (efiStatusOf(caught) === 'EFI_NOT_FOUND') return undefined;
    throw caught;
  }
}

/** What came of a boot. */
export interface Booted {
  /** The description of each option that ran. */
  readonly ran: readonly string[];
  /** What `look` saw in each image that ran. */
  readonly seen: readonly unknown[];
  readonly world: BootWorld;
}

/** Boots two equal disks with these variables, and images that look around and return. */
export function bootWith(
  profile: Profile,
  variables: MemoryStorage | undefined,
  look: (running: Running) => unknown = (): void => {},
  more: BootWorldOptions = {},
): Booted {
  const seen: unknown[] = [];
  const standIn = application((running) => void seen.push(look(running)));
  const slots = { '02.0': virtioDisk(), '03.0': virtioDisk() };
  const storage = variables === undefined ? {} : { variables };
  const quirks = OPTIONS_AS_WRITTEN;
  const world = new BootWorld({ profile, quirks, standIn, slots, ...storage, ...more });
  world.bootTo('stopped');
  const ran = world.attempts
    .filter(({ status }) => status === 'EFI_SUCCESS')
    .map(({ description }) => description);
  return { ran, seen, world };
}

/** What a store holds of the specification's variables when the machine is off. */
export function stored(storage: MemoryStorage, name: string): Uint8Array | undefined {
  const { variables } = new VariableStore(new MemoryStorage(storage.bytes.slice()));
  return variables.get(name, EFI_GLOBAL_VARIABLE)?.data;
}
