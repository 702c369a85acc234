import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { DescriptorChain } from '../queue/descriptor-chain.ts';
import type { VirtioDeviceCore } from './virtio-device-core.ts';
import type {
  UsedElementLie,
  VirtioDeviceEnvironment,
  VirtioTransport,
} from './virtio-device-environment.ts';
import type { VirtioQueue } from './virtio-queue.ts';

/** Takes chains out of queues, has the model answer them, and gives them back. */
export class QueueService {
  private readonly core: VirtioDeviceCore;
  private readonly bus: MachineBus;
  private readonly trace: Tracer | undefined;
  private readonly transport: VirtioTransport;
  private readonly dma: Dma;
  private readonly lie: UsedElementLie | undefined;

  constructor(core: VirtioDeviceCore, environment: VirtioDeviceEnvironment) {
    const { bus, dma, transport, usedElement } = environment;
    this.core = core;
    this.bus = bus;
    this.trace = bus.trace;
    this.transport = transport;
    this.dma = dma;
    this.lie = usedElement;
  }

  /** The driver notifies: everything that is available now is taken. */
  notify(queueIndex: number): void {
    const core = this.core;
    this.trace?.('virtio_queue_notify', { device: core.name, queue: queueIndex });
    const queue = core.queues[queueIndex];
    if (queue?.enabled !== true || !core.live) {
      this.refuse(queueIndex, queue);
      return;
    }
    queue.lastNotification = this.bus.now();
    this.dma.queue = queueIndex;
    if (!queue.ring.locate()) return;
    // A fixed number: the data that the device writes may lie on the ring itself and look like more.
    for (let left = queue.ring.available(); left > 0; left--) {
      const chain = queue.ring.pop();
      if (chain === undefined) return;
      queue.taken++;
      this.serve(queue, chain);
      if (!core.live) return;
    }
    queue.ring.askForNotification();
  }

  /** Answers a chain that was kept, unless a reset came between. */
  complete(queueIndex: number, chain: DescriptorChain, written: number): void {
    const queue = this.core.queues[queueIndex];
    if (queue !== undefined && this.mayAnswer(queue, chain)) this.giveBack(queue, chain, written);
  }

  /** Answers a chain after `delay` nanoseconds, unless a reset comes between. */
  later(
    queueIndex: number,
    chain: DescriptorChain,
    delay: number,
    answer: () => number,
  ): 'pending' {
    const queue = this.core.queues[queueIndex];
    this.bus.events.schedule(this.bus.now() + delay, () => {
      if (queue === undefined || !this.mayAnswer(queue, chain)) return;
      const written = answer();
      if (this.core.live) this.giveBack(queue, chain, written);
    });
    return 'pending';
  }

  /** Whether a chain that was kept is to be answered: no reset came between, and DMA is still allowed. */
  private mayAnswer(queue: VirtioQueue, chain: DescriptorChain): boolean {
    this.dma.queue = queue.index;
    if (!queue.ring.release(chain) || !this.core.live || !queue.ring.locate()) return false;
    if (chain.relocate(this.dma)) return true;
    const message = `queue ${queue.index}: a descriptor of memory that the device can no longer reach`;
    this.core.needsReset('2.7.5', message, { head: chain.head });
    return false;
  }

  /** A notification that should not have come is reported, and nothing is taken. */
  private refuse(queueIndex: number, queue: VirtioQueue | undefined): void {
    const core = this.core;
    if (queue?.enabled === true) {
      queue.lastNotification = this.bus.now();
      const message = `queue ${queueIndex} was notified with device status 0x${core.status.toString(16)}`;
      core.report('3.1.1', message, { queueIndex, status: core.status });
    } else {
      const state = queue === undefined ? 'does not exist' : 'is not enabled';
      const message = `queue ${queueIndex} was notified, which ${state}`;
      core.report(core.notificationSection, message, { queueIndex });
    }
  }

  private serve(queue: VirtioQueue, chain: DescriptorChain): void {
    const core = this.core;
    const { index } = queue;
    this.trace?.('virtqueue_pop', {
      device: core.name,
      queue: index,
      head: chain.head,
      in: chain.segmentCount - chain.readableCount,
      out: chain.readableCount,
    });
    const written = core.model.handleChain(index, chain);
    if (written === 'pending') queue.ring.keep(chain);
    else if (core.live) this.giveBack(queue, chain, written);
  }

  private giveBack(queue: VirtioQueue, chain: DescriptorChain, written: number): void {
    const { head } = chain;
    const { name } = this.core;
    if (this.lie === undefined) queue.ring.push(head, written);
    else {
      const { id, length } = this.lie({ id: head, length: written }, queue.index);
      queue.ring.push(id, length);
    }
    queue.used++;
    this.trace?.('virtqueue_push', {
      device: name,
      queue: queue.index,
      head,
      length: written,
    });
    if (!queue.ring.wantsNotification()) return;
    this.trace?.('virtio_notify', { device: name, queue: queue.index });
    this.transport.notifyQueue(queue.index);
  }
}
