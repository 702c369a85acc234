import { pciAddressParts } from '@dxelab/pci';
import type { EfiPciRootBridgeAccess, EfiPciRootBridgeIo, EfiTpl } from '@dxelab/uefi';
import { NotModelledError, TPL_APPLICATION } from '@dxelab/uefi';
import { FunctionConfig } from './enumeration/function-config.ts';

/** A register of a fake function: where it is, its reset value, and which bits can be written. */
export interface FakeRegister {
  readonly offset: number;
  /** In bytes. */
  readonly size: 1 | 2 | 4;
  readonly value?: number;
  readonly writable?: number;
}

/**
 * One function's configuration space behind a root bridge that notes every access: `R16 4`,
 * `W16 4 = 7`. Accesses to memory and ports are noted likewise, and read 0.
 */
export class FakeFunction {
  readonly log: string[] = [];
  readonly rootBridgeIo: EfiPciRootBridgeIo;
  readonly config: FunctionConfig;
  readonly #bytes = new Uint8Array(0x1000);
  readonly #writable = new Uint8Array(0x1000);
  #rootAttributes = 0;

  /** @param supports the attributes of the root bridge */
  constructor(registers: readonly FakeRegister[], supports = 0) {
    for (const { offset, size, value = 0, writable = 0 } of registers) {
      store(this.#bytes, offset, size, value);
      store(this.#writable, offset, size, writable);
    }
    const notModelled = (): never => {
      throw new NotModelledError('a fake root bridge');
    };
    this.rootBridgeIo = {
      parentHandle: { number: 1 },
      segmentNumber: 0,
      mem: this.#space('mem'),
      io: this.#space('io'),
      pci: this.#configSpace(),
      copyMem: (width, destination, source, count) => {
        this.log.push(`copy ${width} ${hex(destination)} ${hex(source)} ${count}`);
      },
      map: (operation, _host, numberOfBytes) => {
        this.log.push(`map ${operation}`);
        return { deviceAddress: 0, numberOfBytes };
      },
      unmap: () => this.log.push('unmap'),
      allocateBuffer: (memoryType, pages, attributes) => {
        this.log.push(`allocate ${memoryType} ${pages} ${hex(attributes)}`);
        return 0x1000;
      },
      freeBuffer: (pages, address) => this.log.push(`free ${pages} ${hex(address)}`),
      flush: () => this.log.push('flush'),
      getAttributes: () => ({ supports, attributes: this.#rootAttributes }),
      setAttributes: (attributes) => {
        this.#rootAttributes = attributes;
        this.log.push(`root attributes ${hex(attributes)}`);
      },
      configuration: notModelled,
      pollMem: (width, address) => {
        this.log.push(`poll mem ${width} ${hex(address)}`);
        return 0n;
      },
      pollIo: (width, address) => {
        this.log.push(`poll io ${width} ${hex(address)}`);
        return 0n;
      },
    };
    this.config = new FunctionConfig(this.rootBridgeIo, 0, 2, 0);
  }

  /** What was noted since the last time. */
  taken(): readonly string[] {
    return this.log.splice(0);
  }

  #configSpace(): EfiPciRootBridgeAccess {
    return {
      read: (width, address) => {
        const { register } = pciAddressParts(address);
        this.log.push(`R${8 << width} ${hex(register)}`);
        return load(this.#bytes, register, 1 << width);
      },
      write: (width, address, value) => {
        const { register } = pciAddressParts(address);
        this.log.push(`W${8 << width} ${hex(register)} = ${hex(value)}`);
        const writable = load(this.#writable, register, 1 << width);
        const old = load(this.#bytes, register, 1 << width);
        store(this.#bytes, register, 1 << width, (old & ~writable) | (value & writable));
      },
      readBuffer: (width, address, count) => {
        this.log.push(`R${width}x${count} ${hex(pciAddressParts(address).register)}`);
      },
      writeBuffer: (width, address, count) => {
        this.log.push(`W${width}x${count} ${hex(pciAddressParts(address).register)}`);
      },
    };
  }

  #space(name: string): EfiPciRootBridgeAccess {
    return {
      read: (width, address) => {
        this.log.push(`${name} R${8 << width} ${hex(address)}`);
        return 0;
      },
      write: (width, address, value) => {
        this.log.push(`${name} W${8 << width} ${hex(address)} = ${hex(value)}`);
      },
      readBuffer: (width, address, count) => {
        this.log.push(`${name} R${width}x${count} ${hex(address)}`);
      },
      writeBuffer: (width, address, count) => {
        this.log.push(`${name} W${width}x${count} ${hex(address)}`);
      },
    };
  }
}

/** The task priority services, for those who need no others. */
export class FakeTpl {
  current: EfiTpl = TPL_APPLICATION;
  readonly #log: string[];

  /** @param log notes every change: `TPL 31` */
  constructor(log: string[] = []) {
    this.#log = log;
  }

  raiseTpl(newTpl: EfiTpl): EfiTpl {
    const old = this.current;
    this.restoreTpl(newTpl);
    return old;
  }

  restoreTpl(oldTpl: EfiTpl): void {
    this.current = oldTpl;
    this.#log.push(`TPL ${oldTpl}`);
  }
}

function load(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let byte = 0; byte < size; byte++) value |= (bytes[offset + byte] ?? 0) << (8 * byte);
  return value >>> 0;
}

function store(bytes: Uint8Array, offset: number, size: number, value: number): void {
  for (let byte = 0; byte < size; byte++) bytes[offset + byte] = value >>> (8 * byte);
}

function hex(value: number): string {
  return value.toString(16);
}
