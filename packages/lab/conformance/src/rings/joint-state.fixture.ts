import { VIRTIO_F_EVENT_IDX } from '@dxelab/virtio';
import type { DeviceSide } from './device-side.fixture.ts';
import type { DriverSide } from './driver-side.fixture.ts';
import { firstIndex } from './layout.fixture.ts';
import type { RingCells } from './ring-cells.fixture.ts';
import type { Scope } from './scope.fixture.ts';
import { packed } from './scope.fixture.ts';
import type { WeakMemory } from './weak-memory.fixture.ts';

export const DRIVER = 0;
export const DEVICE = 1;

// A state: where each side stands, memory, buffers of both, what each may still see of before, and the rest.
export const MEMORY = 2;
export const BUFFER = 3;
export const STALE = 5;
export const BITS = 7;
export const QUEUED = 8;
export const WIDTH = 9;

/** Finds out which states are the same for all that can follow, and has one stand for all of them. */
export class Sameness {
  private readonly queueSize: number;
  private readonly isPacked: boolean;
  private readonly eventIdx: boolean;
  /** An event that was passed long ago. */
  private readonly passed: number;
  private readonly sides: readonly [DriverSide, DeviceSide];
  private readonly cells: RingCells;
  private readonly memory: WeakMemory;

  constructor(
    scope: Scope,
    sides: readonly [DriverSide, DeviceSide],
    cells: RingCells,
    memory: WeakMemory,
  ) {
    const { queueSize, features } = scope;
    this.queueSize = queueSize;
    this.isPacked = packed(scope);
    this.eventIdx = (features & VIRTIO_F_EVENT_IDX) !== 0n;
    this.passed = firstIndex(queueSize) - 2 * queueSize - 1;
    this.sides = sides;
    this.cells = cells;
    this.memory = memory;
  }

  /** Puts the one that stands for a state in its place. */
  reduce(state: Int32Array): void {
    this.bringBack(state);
    if (this.eventIdx) this.forgetEvents(state);
  }

  /** Split rings count for ever: what is a lap further is the same. */
  private bringBack(state: Int32Array): void {
    const { cells, memory, sides } = this;
    if (!sides[DRIVER].ahead(state[DRIVER] ?? 0)) return;
    const map = (index: number): number => sides[DRIVER].lapBefore(index);
    state[DRIVER] = sides[DRIVER].earlier(state[DRIVER] ?? 0);
    state[DEVICE] = sides[DEVICE].earlier(state[DEVICE] ?? 0);
    state[MEMORY] = memory.mapped(state[MEMORY] ?? 0, cells.indices, map);
    for (const place of [BUFFER, BUFFER + 1, STALE, STALE + 1]) {
      const stores = memory.entries(state[place] ?? 0).map((store) => {
        const cell = memory.cellOf(store);
        const isIndex = cells.indices.includes(cell);
        return isIndex ? memory.storeOf(cell, 1, map(memory.valueOf(store))) : store;
      });
      state[place] = memory.bufferOf(stores);
    }
  }

  /** An event that was passed before the last look at it is as good as any other such event. */
  private forgetEvents(state: Int32Array): void {
    const { memory, sides, cells } = this;
    const [driver, device] = sides;
    const driverId = state[DRIVER] ?? 0;
    const deviceId = state[DEVICE] ?? 0;
    let image = state[MEMORY] ?? 0;
    if (this.isPacked) {
      image = this.forgetPlace(image, cells.driverEvent, device.untold(deviceId));
      image = this.forgetPlace(image, cells.deviceEvent, driver.untold(driverId));
    } else {
      image = memory.forget(image, cells.driverEvent, device.asked(deviceId), this.passed);
      image = memory.forget(image, cells.deviceEvent, driver.usedIndex(driverId), this.passed);
    }
    state[MEMORY] = image;
  }

  /** On a packed ring a place that was passed would come again after two laps: it is kept behind. */
  private forgetPlace(image: number, cell: number, next: number): number {
    const { memory, queueSize } = this;
    const event = memory.read(image, cell, 1);
    const place = (event & 0x7fff) + (event >= 0x8000 ? 0 : queueSize);
    const ahead = (place - next + 4 * queueSize) % (2 * queueSize);
    if (ahead <= queueSize) return image;
    const behind = (next - 1) % (2 * queueSize);
    const value = behind < queueSize ? behind | 0x8000 : behind - queueSize;
    return memory.write(image, memory.storeOf(cell, 1, value));
  }
}
