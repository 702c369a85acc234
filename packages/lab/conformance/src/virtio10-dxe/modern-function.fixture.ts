import { EFI_PCI_CAPABILITY_ID_VENDOR, PCI_CAPBILITY_POINTER_OFFSET } from '@dxelab/pci';
import {
  VIRTIO_PCI_CAP,
  VIRTIO_PCI_CAP_COMMON_CFG,
  VIRTIO_PCI_CAP_DEVICE_CFG,
  VIRTIO_PCI_CAP_ISR_CFG,
  VIRTIO_PCI_CAP_NOTIFY_CFG,
} from '@dxelab/virtio';
import { VirtioPciModern } from '@dxelab/virtio-devices';
import { ThreeQueues } from './three-queues.fixture.ts';

/** What a virtio capability says, with what an honest one of the same type would say as default. */
export interface TestCapability {
  readonly type: number;
  readonly bar?: number;
  readonly offset?: number;
  readonly length?: number;
  /** cap_len */
  readonly size?: number;
  /** The bytes that the capability really takes; default `size`. */
  readonly room?: number;
  readonly multiplier?: number;
}

const STRUCTURE_SIZE = 0x1000;
/** Where the structures are in BAR 4. */
const OFFSETS: Readonly<Record<number, number>> = {
  [VIRTIO_PCI_CAP_COMMON_CFG]: 0x0000,
  [VIRTIO_PCI_CAP_ISR_CFG]: 0x1000,
  [VIRTIO_PCI_CAP_DEVICE_CFG]: 0x2000,
  [VIRTIO_PCI_CAP_NOTIFY_CFG]: 0x3000,
};

/** A modern virtio function whose header and capabilities a test can change. */
export class ModernFunction extends VirtioPciModern {
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

  /** Puts these virtio capabilities, in this order, in the place of its own. */
  present(...capabilities: readonly TestCapability[]): this {
    this.config.set(PCI_CAPBILITY_POINTER_OFFSET, 1, 0);
    let pointer = PCI_CAPBILITY_POINTER_OFFSET;
    let at = 0x40;
    for (const capability of capabilities) {
      const { size = defaultSize(capability.type), room = size } = capability;
      const fields: readonly [number, 1 | 4, number][] = [
        [VIRTIO_PCI_CAP.vndr, 1, EFI_PCI_CAPABILITY_ID_VENDOR],
        [VIRTIO_PCI_CAP.next, 1, 0],
        [VIRTIO_PCI_CAP.len, 1, size],
        [VIRTIO_PCI_CAP.cfgType, 1, capability.type],
        [VIRTIO_PCI_CAP.bar, 4, capability.bar ?? 4],
        [VIRTIO_PCI_CAP.offset, 4, capability.offset ?? OFFSETS[capability.type] ?? 0],
        [VIRTIO_PCI_CAP.length, 4, capability.length ?? STRUCTURE_SIZE],
        [VIRTIO_PCI_CAP.extra, 4, capability.multiplier ?? 4],
      ];
      for (const [field, width, value] of fields) {
        if (field + width <= room) this.config.set(at + field, width, value);
      }
      this.config.set(pointer, 1, at);
      pointer = at + VIRTIO_PCI_CAP.next;
      at = (at + room + 3) & ~3;
    }
    return this;
  }

  /** Makes the last capability point to an earlier one. */
  loop(): this {
    for (let at = this.config.get(PCI_CAPBILITY_POINTER_OFFSET, 1); at !== 0;) {
      const next = this.config.get(at + VIRTIO_PCI_CAP.next, 1);
      if (next === 0) this.config.set(at + VIRTIO_PCI_CAP.next, 1, 0x40);
      at = next;
    }
    return this;
  }
}

function defaultSize(type: number): number {
  return type === VIRTIO_PCI_CAP_NOTIFY_CFG ? 20 : 16;
}

export const COMMON: TestCapability = { type: VIRTIO_PCI_CAP_COMMON_CFG };
export const NOTIFY: TestCapability = { type: VIRTIO_PCI_CAP_NOTIFY_CFG };
export const DEVICE: TestCapability = { type: VIRTIO_PCI_CAP_DEVICE_CFG };
export const ISR: TestCapability = { type: VIRTIO_PCI_CAP_ISR_CFG };
