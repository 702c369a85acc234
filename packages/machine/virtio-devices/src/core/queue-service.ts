import type { Dma, MachineBus } from '@dxelab/emulated-machine';
import type { Tracer } from '@dxelab/platform';
import type { Completions } from '../queue/completions.ts';
import type { DescriptorChain } from '../queue/descriptor-chain.ts';
import type { VirtioDeviceCore } from './virtio-device-core.ts';
import type {
  UsedElementLie,
  VirtioDeviceEnvironment,
  VirtioTransport,
} from './virtio-device-environment.ts';
import type { VirtioQueue } from './virtio-queue.ts';

/** A notification that says nothing but which queue. */
const NO_DATA = -1;

/** Takes chains out of queues, has the model answer them, and gives them back. */
export class QueueService {
  private readonly core: VirtioDeviceCore;
  private readonly bus: MachineBus;
  private readonly trace: Tracer | undefined;
  private readonly transport: VirtioTransport;
  private readonly dma: Dma;
  private readonly lie: UsedElementLie | undefined;
  private readonly notifyWhileBusy: boolean;

  constructor(core: VirtioDeviceCore, environment: VirtioDeviceEnvironment) {
    const { bus, dma, transport, usedElement, notifyWhileBusy = true } = environment;
    this.core = core;
    this.bus = bus;
    this.trace = bus.trace;
    this.transport = transport;
    this.dma = dma;
    this.lie = usedElement;
    this.notifyWhileBusy = notifyWhileBusy;
  }

  /**
   * The driver notifies: everything that is available now is taken.
   * @param next how far the driver has come, if it says so (virtio §2.9)
   */
  notify(queueIndex: number, next: number = NO_DATA): void {
    const core = this.core;
    if (this.trace !== undefined) this.traceNotify(queueIndex);
    const queue = core.queues[queueIndex];
    if (queue?.enabled !== true || !core.live) {
      this.refuse(queueIndex, queue);
      return;
    }
    queue.lastNotification = this.bus.now();
    this.dma.queue = queueIndex;
    const { ring } = queue;
    if (!ring.locate()) return;
    this.takeAll(queue);
    if (next !== NO_DATA && core.live && next !== ring.position) this.reportData(queue, next);
  }

  /** Answers a chain that was kept, unless a reset came between. */
  complete(queueIndex: number, chain: DescriptorChain, written: number): void {
    const queue = this.core.queues[queueIndex];
    if (queue !== undefined && this.mayAnswer(queue, chain)) this.answer(queue, chain, written);
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
      if (this.core.live) this.answer(queue, chain, written);
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

  /** The notification data are not where the driver's chains end. */
  private reportData({ index, ring }: VirtioQueue, next: number): void {
    const section = ring.packed ? '2.8.16' : '2.9';
    const message = `queue ${index} was notified with data 0x${next.toString(16)}: the next is 0x${ring.position.toString(16)}`;
    this.core.report(section, message, { queue: index, next, position: ring.position });
  }

  /** Takes what is available, and sees to it that the device learns of what comes later. */
  private takeAll(queue: VirtioQueue): void {
    const { ring } = queue;
    // A fixed number: the data that the device writes may lie on the ring itself and look like more.
    let left = ring.size;
    for (;;) {
      left = this.take(queue, left);
      if (!this.core.live) return;
      if (!this.notifyWhileBusy && ring.pending > 0) {
        ring.suppressNotifications();
        return;
      }
      if (!ring.askForNotification() || left === 0) return;
    }
  }

  /** Takes up to `left` chains, and gives back what is answered. @returns how many may still be taken */
  private take(queue: VirtioQueue, left: number): number {
    const core = this.core;
    const { completions } = queue;
    for (let more = left; more > 0; more--) {
      const chain = queue.ring.pop();
      if (chain === undefined) {
        if (completions !== undefined && core.live) this.giveBackReady(queue, completions);
        return more;
      }
      queue.taken++;
      this.serve(queue, chain);
      if (!core.live) return 0;
    }
    if (completions !== undefined) this.giveBackReady(queue, completions);
    return 0;
  }

  private serve(queue: VirtioQueue, chain: DescriptorChain): void {
    const core = this.core;
    const { index, completions } = queue;
    if (this.trace !== undefined) this.tracePop(index, chain);
    const written = core.model.handleChain(index, chain);
    if (written === 'pending') {
      completions?.held(chain);
      queue.ring.keep(chain);
    } else if (!core.live) return;
    else if (completions !== undefined) completions.answered(chain, written);
    else this.giveBack(queue, chain.head, written, chain.slots);
  }

  /** A chain that was kept is answered. */
  private answer(queue: VirtioQueue, chain: DescriptorChain, written: number): void {
    const { completions } = queue;
    if (completions === undefined) {
      this.giveBack(queue, chain.head, written, chain.slots);
    } else {
      completions.finished(chain, written);
      this.giveBackReady(queue, completions);
    }
    // Nobody notifies of what came while it was busy.
    if (!this.notifyWhileBusy && queue.ring.pending === 0) this.takeAll(queue);
  }

  /** Gives one chain back. */
  private giveBack(queue: VirtioQueue, head: number, written: number, slots: number): void {
    if (this.lie === undefined) queue.ring.push(head, written, slots);
    else {
      const { id, length } = this.lie({ id: head, length: written }, queue.index);
      queue.ring.push(id, length, slots);
    }
    queue.used++;
    if (this.trace !== undefined) this.tracePush(queue.index, head, written);
    this.tellDriver(queue);
  }

  /** Gives back what waits for it: all at once, or one after the other. */
  private giveBackReady(queue: VirtioQueue, completions: Completions): void {
    const { ring, index } = queue;
    let filled = false;
    while (completions.next()) {
      const { id, written, chains, slots } = completions;
      if (this.lie === undefined) ring.fill(id, written, chains, slots);
      else {
        const used = this.lie({ id, length: written }, index);
        ring.fill(used.id, used.length, chains, slots);
      }
      queue.used += chains;
      if (this.trace !== undefined) this.tracePush(index, id, written);
      if (completions.batched) filled = true;
      else {
        ring.publish();
        this.tellDriver(queue);
      }
    }
    if (!filled) return;
    ring.publish();
    this.tellDriver(queue);
  }

  private tellDriver(queue: VirtioQueue): void {
    if (!queue.ring.wantsNotification()) return;
    this.trace?.('virtio_notify', { device: this.core.name, queue: queue.index });
    this.transport.notifyQueue(queue.index);
  }

  // Of the trace, apart: what is hot stays small enough to be compiled into its callers.

  private traceNotify(queue: number): void {
    this.trace?.('virtio_queue_notify', { device: this.core.name, queue });
  }

  private tracePop(
    queue: number,
    { head, segmentCount, readableCount: out }: DescriptorChain,
  ): void {
    const device = this.core.name;
    this.trace?.('virtqueue_pop', { device, queue, head, in: segmentCount - out, out });
  }

  private tracePush(queue: number, head: number, length: number): void {
    this.trace?.('virtqueue_push', { device: this.core.name, queue, head, length });
  }
}
