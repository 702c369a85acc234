import { AccessRecorder, quietLook } from '@dxelab/compare';
import type { PublishedRing, QueueWatcher } from '@dxelab/compare';
import type { DxeCore } from '@dxelab/dxe-core';
import type { Platform, TraceEvents, Tracer } from '@dxelab/platform';
import { tracePlatform } from '@dxelab/platform';
import type { BootInstrument } from '@dxelab/scenario';
import type { QueueRecording } from './frame.ts';
import { QueueRecorder } from './queue-recorder.ts';

/**
 * Writes down what happens to every virtqueue of a boot, as it is seen at the waist: on the emulated
 * machine and on QEMU alike, whatever the device and its transport. It changes nothing, and takes no time.
 */
export class RingRecorder implements BootInstrument {
  readonly tracer: Tracer = () => {};
  readonly #queues = new Map<string, QueueRecorder>();

  wrap(machine: Platform): Platform {
    const { platform } = new AccessRecorder(machine, this.#watcher(machine));
    const quietly = (look: (queue: QueueRecorder) => void): void => {
      quietLook(machine.cycles, () => {
        for (const queue of this.#queues.values()) look(queue);
      });
    };
    const written = (address: number, length: number): void =>
      quietly((queue) => queue.written(address, length));
    const looked = (address: number, length: number): void =>
      quietly((queue) => queue.looked(address, length));
    const handlers: { readonly [Name in keyof TraceEvents]?: (fields: TraceEvents[Name]) => void } =
      {
        waist_ram_write: ({ address, size }) => written(address, size),
        waist_ram_write_bytes: ({ address, length }) => written(address, length),
        waist_ram_fill: ({ address, length }) => written(address, length),
        waist_ram_copy: ({ address, length }) => written(address, length),
        waist_ram_read: ({ address, size }) => looked(address, size),
        waist_ram_read_bytes: ({ address, length }) => looked(address, length),
        waist_reset: () => quietly((queue) => queue.look()),
        waist_end: () => quietly((queue) => queue.look()),
      };
    return tracePlatform(platform, (name, fields) => handlers[name]?.(fields));
  }

  attach(_core: DxeCore): void {
    // What firmware makes of a queue is not asked for here.
  }

  /** The queues that were set up so far, in the order in which they were. */
  get queues(): readonly QueueRecording[] {
    return [...this.#queues.values()];
  }

  #watcher({ ram, cycles }: Platform): QueueWatcher {
    const now = (): number => cycles.now;
    return {
      queueSetUp: (device, queue, { packed, ...ring }: PublishedRing) => {
        const key = `${device} ${queue}`;
        const recorder = this.#queues.get(key) ?? new QueueRecorder(device, queue, ram, now);
        this.#queues.set(key, recorder);
        recorder.setUp({ format: packed ? 'packed' : 'split', ...ring });
      },
      queueNotified: (device, queue) => this.#queues.get(`${device} ${queue}`)?.notified(),
      queueTakenBack: (device, queue) => this.#queues.get(`${device} ${queue}`)?.takenBack(),
    };
  }
}
