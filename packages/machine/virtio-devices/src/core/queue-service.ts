import type { MachineBus } from '@dxelab/emulated-machine';
import type { DescriptorChain } from '../queue/descriptor-chain.ts';
import type {
  VirtioDeviceCore,
  VirtioDeviceEnvironment,
  VirtioTransport,
} from './virtio-device-core.ts';
import type { VirtioQueue } from './virtio-queue.ts';

/** Takes chains out of queues, has the model answer them, and gives them back. */
export class QueueService {
  readonly #core: VirtioDeviceCore;
  readonly #bus: MachineBus;
  readonly #transport: VirtioTransport;

  constructor(core: VirtioDeviceCore, { bus, transport }: VirtioDeviceEnvironment) {
    this.#core = core;
    this.#bus = bus;
    this.#transport = transport;
  }

  /** The driver notifies: everything that is available now is taken. */
  notify(queueIndex: number): void {
    const core = this.#core;
    this.#bus.trace?.('virtio_queue_notify', { device: core.name, queue: queueIndex });
    const queue = core.queues[queueIndex];
    if (queue === undefined || !queue.enabled) {
      const state = queue === undefined ? 'does not exist' : 'is not enabled';
      core.report('4.1.5.2', `queue ${queueIndex} was notified, which ${state}`, { queueIndex });
      return;
    }
    queue.lastNotification = this.#bus.now();
    if (!core.live) {
      const message = `queue ${queueIndex} was notified with device status 0x${core.status.toString(16)}`;
      core.report('3.1.1', message, { queueIndex, status: core.status });
      return;
    }
    // A fixed number: the data that the device writes may lie on the ring itself and look like more.
    for (let left = queue.ring.available(); left > 0; left--) {
      const chain = queue.ring.pop();
      if (chain === undefined) return;
      queue.taken++;
      this.#serve(queue, chain);
      if (!core.live) return;
    }
    queue.ring.askForNotification();
  }

  /** Answers a chain that was kept, unless a reset came between. */
  complete(queueIndex: number, chain: DescriptorChain, written: number): void {
    const queue = this.#core.queues[queueIndex];
    if (queue?.ring.release(chain) === true && this.#core.live)
      this.#giveBack(queue, chain, written);
  }

  /** Answers a chain after `delay` nanoseconds, unless a reset comes between. */
  later(
    queueIndex: number,
    chain: DescriptorChain,
    delay: number,
    answer: () => number,
  ): 'pending' {
    const queue = this.#core.queues[queueIndex];
    this.#bus.events.schedule(this.#bus.now() + delay, () => {
      if (queue?.ring.release(chain) !== true || !this.#core.live) return;
      const written = answer();
      if (this.#core.live) this.#giveBack(queue, chain, written);
    });
    return 'pending';
  }

  #serve(queue: VirtioQueue, chain: DescriptorChain): void {
    const core = this.#core;
    const { index } = queue;
    this.#bus.trace?.('virtqueue_pop', {
      device: core.name,
      queue: index,
      head: chain.head,
      in: chain.segmentCount - chain.readableCount,
      out: chain.readableCount,
    });
    const written = core.model.handleChain(index, chain);
    if (written === 'pending') queue.ring.keep(chain);
    else if (core.live) this.#giveBack(queue, chain, written);
  }

  #giveBack(queue: VirtioQueue, chain: DescriptorChain, written: number): void {
    const { head } = chain;
    const { name } = this.#core;
    queue.ring.push(head, written);
    queue.used++;
    this.#bus.trace?.('virtqueue_push', {
      device: name,
      queue: queue.index,
      head,
      length: written,
    });
    if (!queue.ring.wantsNotification()) return;
    this.#bus.trace?.('virtio_notify', { device: name, queue: queue.index });
    this.#transport.notifyQueue(queue.index);
  }
}
