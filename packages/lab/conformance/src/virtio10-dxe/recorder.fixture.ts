import type { EfiBootServices, EfiPciIo, EfiSystemTable, Protocol } from '@dxelab/uefi';
import { PciIoProtocol } from '@dxelab/uefi';
import type { DxeModule, HardwareLibraries, ModuleLibraries } from '@dxelab/uefi-lib';

/**
 * Writes down what drivers do, in the notation of OVMF's golden traces: their boot services, their
 * fences, and the calls to each PciIo that they open. The real ones run underneath.
 */
export class Recorder {
  readonly #lines: string[] = [];
  readonly #mappings = new WeakMap<object, string>();

  /** A module whose calls are recorded from its entry point on. */
  record(module: DxeModule): DxeModule {
    if (module.hardware === true) {
      return {
        ...module,
        entryPoint: (imageHandle, systemTable, libraries: HardwareLibraries) => {
          const recorded = this.#libraries(libraries);
          module.entryPoint(imageHandle, this.#systemTable(systemTable), recorded);
        },
      };
    }
    return {
      ...module,
      entryPoint: (imageHandle, systemTable, libraries) =>
        module.entryPoint(imageHandle, this.#systemTable(systemTable), this.#libraries(libraries)),
    };
  }

  /** Adds a line of somebody else's, such as a register access. */
  note(line: string): void {
    this.#lines.push(line);
  }

  /** What is done while `body` runs. */
  during(body: () => void): readonly string[] {
    this.#lines.length = 0;
    body();
    return [...this.#lines];
  }

  #systemTable(systemTable: EfiSystemTable): EfiSystemTable {
    const bootServices = this.#bootServices(systemTable.bootServices);
    return new Proxy(systemTable, {
      get: (target, key): unknown =>
        key === 'bootServices' ? bootServices : Reflect.get(target, key, target),
    });
  }

  #libraries<Libraries extends ModuleLibraries>(libraries: Libraries): Libraries {
    return {
      ...libraries,
      memoryFence: () => {
        this.note('fence');
        libraries.memoryFence();
      },
    };
  }

  #bootServices(bs: EfiBootServices): EfiBootServices {
    return called(bs, (name, args, result) => {
      this.note(bootServiceLine(name, args));
      const opened = name === 'tryOpenProtocol' ? interfaceOf(result) : result;
      if (!isPciIo(args[1], opened)) return result;
      const pciIo = this.#pciIo(opened);
      return opened === result ? pciIo : { ...Object(result), interface: pciIo };
    });
  }

  #pciIo(pciIo: EfiPciIo): EfiPciIo {
    const pci = called(pciIo.pci, (name, args, result) => {
      this.note(configLine(name, args));
      return result;
    });
    const recorded = called(pciIo, (name, args, result) => {
      this.note(this.#pciIoLine(name, args, result));
      return result;
    });
    return new Proxy(recorded, {
      get: (target, key): unknown => (key === 'pci' ? pci : Reflect.get(target, key, target)),
    });
  }

  #pciIoLine(name: string, args: readonly unknown[], result: unknown): string {
    const [first, second, third] = args;
    switch (name) {
      case 'getAttributes':
        return 'Attributes(Get)';
      case 'setAttributes':
        return `Attributes(Set,${hex(first)})`;
      case 'enableAttributes':
        return `Attributes(Enable,${hex(first)})`;
      case 'getBarAttributes':
        return `GetBarAttributes(${String(first)})`;
      case 'allocateBuffer':
        return `AllocateBuffer(${String(first)},${String(second)},${hex(third)})`;
      case 'freeBuffer':
        return `FreeBuffer(${String(first)})`;
      case 'map':
        this.#mappings.set(Object(result), `${String(first)},${String(third)}`);
        return `Map(${String(first)},${String(third)})`;
      case 'unmap':
        return `Unmap(${this.#mappings.get(Object(first))})`;
      default:
        return `PciIo.${name}`;
    }
  }
}

/** The same object, with a listener behind each of its methods, which may replace the result. */
function called<Target extends object>(
  target: Target,
  listener: (name: string, args: readonly unknown[], result: unknown) => unknown,
): Target {
  return new Proxy(target, {
    get: (_target, key): unknown => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]) =>
        listener(String(key), args, Reflect.apply(member, target, args));
    },
  });
}

function bootServiceLine(name: string, args: readonly unknown[]): string {
  const protocol = isProtocol(args[1]) ? args[1].name : '';
  switch (name) {
    case 'openProtocol':
    case 'tryOpenProtocol':
      return `open ${protocol} ${hex(args[4])}`;
    case 'closeProtocol':
      return `close ${protocol}`;
    case 'installProtocolInterface':
      return `install ${protocol}`;
    case 'uninstallProtocolInterface':
      return `uninstall ${protocol}`;
    case 'allocatePages':
      return `AllocatePages(${String(args[2])})`;
    case 'freePages':
      return `FreePages(${String(args[1])})`;
    case 'createEvent':
      return `CreateEvent(${hex(args[0])},${String(args[1])})`;
    case 'allocatePool':
      return `AllocatePool(${String(args[1])})`;
    case 'raiseTpl':
      return `RaiseTPL(${String(args[0])})`;
    default:
      return name;
  }
}

/** `CFG R16 @34`; several values of one call as `x16`. */
function configLine(name: string, [width, offset, count]: readonly unknown[]): string {
  const kind = name.startsWith('read') ? 'R' : 'W';
  const access = `CFG ${kind}${8 << Number(width)} @${hex(offset)}`;
  return name.endsWith('Buffer') ? `${access} x${String(count)}` : access;
}

function hex(value: unknown): string {
  return Number(value).toString(16).padStart(2, '0');
}

function isProtocol(value: unknown): value is Protocol<unknown> {
  return typeof value === 'object' && value !== null && 'guid' in value && 'name' in value;
}

function interfaceOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'interface' in result
    ? result.interface
    : undefined;
}

/** Whether an interface was opened as a PciIo. */
function isPciIo(protocol: unknown, opened: unknown): opened is EfiPciIo {
  return (
    isProtocol(protocol) &&
    protocol.guid === PciIoProtocol.guid &&
    typeof opened === 'object' &&
    opened !== null
  );
}
