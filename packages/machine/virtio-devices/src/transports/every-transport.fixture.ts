import type { Tracer } from '@dxelab/platform';
import type { VirtioDeviceModel } from '../core/virtio-device-model.ts';
import type { TestDriver, Width } from '../test-driver.fixture.ts';
import { TestMachine } from '../test-machine.fixture.ts';
import { MmioMachine } from './mmio/mmio-machine.fixture.ts';
import { LegacyMachine } from './pci-legacy/legacy-machine.fixture.ts';
import { VirtioPciTransitional } from './pci-transitional/virtio-pci-transitional.ts';
import type { VirtioTransportOptions } from './transport-options.ts';

export interface TransportTestOptions extends VirtioTransportOptions {
  readonly trace?: Tracer;
}

/** A register of a transport. */
export interface TestedRegister {
  readonly offset: number;
  /** In bytes. */
  readonly width: Width;
}

/** In the common structure of a modern function, which is the first of its BAR (virtio §4.1.4.3). */
const COMMON = {
  generation: { offset: 0x15, width: 1 },
  queueReset: { offset: 0x3a, width: 2 },
  notifyData: { offset: 0x3000, width: 4 },
} as const;

/** virtio §4.2.2 */
const MMIO = {
  generation: { offset: 0xfc, width: 4 },
  queueReset: { offset: 0xc0, width: 4 },
  notifyData: { offset: 0x50, width: 4 },
} as const;

/** An interface of a transport, with a driver for it. */
export interface TestedInterface {
  readonly name: string;
  readonly legacy: boolean;
  /** Where the specification says what it does with notifications, and how queues are configured. */
  readonly notification: string;
  readonly configuration: string;
  /** Of its registers, in bytes. */
  readonly span: number;
  /** Registers that only modern interfaces have. */
  readonly modern?: {
    readonly generation: TestedRegister;
    readonly queueReset: TestedRegister;
    /** Where queue 0 is notified with data. */
    readonly notifyData: TestedRegister;
  };
  readonly create: (model: VirtioDeviceModel, options?: TransportTestOptions) => TestDriver;
}

/** Every interface by which a driver can drive a device. */
export const INTERFACES: readonly TestedInterface[] = [
  {
    name: 'PCI, modern',
    legacy: false,
    notification: '4.1.5.2',
    configuration: '4.1.4.3.2',
    span: 0x4000,
    modern: COMMON,
    create: (model, options) => new TestMachine(model, options),
  },
  {
    name: 'PCI, transitional: its modern interface',
    legacy: false,
    notification: '4.1.5.2',
    configuration: '4.1.4.3.2',
    span: 0x4000,
    modern: COMMON,
    create: (model, options) =>
      new TestMachine(model, options, new VirtioPciTransitional(model, options)),
  },
  {
    name: 'PCI, legacy',
    legacy: true,
    notification: '4.1.5.2',
    configuration: '4.1.5.1.3.1',
    span: 0x20,
    create: (model, options) => new LegacyMachine(model, options),
  },
  {
    name: 'PCI, transitional: its legacy interface',
    legacy: true,
    notification: '4.1.5.2',
    configuration: '4.1.5.1.3.1',
    span: 0x20,
    create: (model, options) =>
      new LegacyMachine(model, options, new VirtioPciTransitional(model, options)),
  },
  {
    name: 'MMIO version 2',
    legacy: false,
    notification: '4.2.3.3',
    configuration: '4.2.2.2',
    span: 0x200,
    modern: MMIO,
    create: (model, options) => new MmioMachine(model, { ...options, version: 2 }),
  },
  {
    name: 'MMIO version 1',
    legacy: true,
    notification: '4.2.3.3',
    configuration: '4.2.4',
    span: 0x200,
    create: (model, options) => new MmioMachine(model, { ...options, version: 1 }),
  },
];
