import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import type { CompletionMode } from '../queue/completions.ts';

/** What a transport does for the device that is plugged into it. */
export interface VirtioTransport {
  /** Where the specification says how this transport notifies a device of available buffers. */
  readonly notificationSection: string;
  /** Sends a used buffer notification (virtio §2.3). */
  notifyQueue(queueIndex: number): void;
  /** Sends a configuration change notification (virtio §2.3). */
  notifyConfig(): void;
  /** The device is reset: nothing is signalled any more. */
  reset(): void;
}

/** Which rules a driver is held to: those of this specification, or of what was before (virtio §2.2.3). */
export type DriverInterface = 'modern' | 'legacy';

/** What a device stands on. */
export interface VirtioDeviceEnvironment {
  /** As reports and traces show it. */
  readonly name: string;
  readonly bus: MachineBus;
  /** The device's view of RAM. */
  readonly dma: Dma;
  readonly transport: VirtioTransport;
  /** The feature bits of rings and transport that are offered beside the model's (virtio §6). */
  readonly features: bigint;
  /** Through which interface the device is driven, unless a driver chooses another. Default: modern. */
  readonly driverInterface?: DriverInterface;
  /** What goes into the used ring in place of the truth: for a device that lies. */
  readonly usedElement?: UsedElementLie | undefined;
  /** How chains are given back. Default: each, and with VIRTIO_F_IN_ORDER in batches. */
  readonly completion?: CompletionMode | undefined;
  /** Whether notifications are wanted while chains are in work. Default: yes. */
  readonly notifyWhileBusy?: boolean | undefined;
}

/** @param element what an honest device would write into the used ring of queue `queueIndex` */
export type UsedElementLie = (element: UsedElement, queueIndex: number) => UsedElement;

/** An element of the used ring (virtio §2.7.8). */
export interface UsedElement {
  /** Which chain: the index of its first descriptor, or the buffer id of a packed ring. */
  readonly id: number;
  /** How many bytes of it were written. */
  readonly length: number;
}
