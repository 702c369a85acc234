import { VirtioPciLegacy } from '@dxelab/virtio-devices';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';

/** A legacy virtio function whose header a test can change. */
export class LegacyFunction extends VirtioPciLegacy {
  readonly model: ThreeQueues;

  constructor() {
    const model = new ThreeQueues();
    super(model);
    this.model = model;
  }

  /** Changes a register of the header. */
  set(offset: number, width: 1 | 2 | 4, value: number): this {
    this.config.set(offset, width, value);
    return this;
  }
}
