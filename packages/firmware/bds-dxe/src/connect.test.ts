import type { DevicePath, EfiHandle } from '@dxelab/uefi';
import { convertTextToDevicePath, devicePathAfter, EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import type { ConnectServices } from './connect.ts';
import { connectAll, connectDevicePath, handlesWith } from './connect.ts';

const path = convertTextToDevicePath;
const DISK = 'PciRoot(0x0)/Pci(0x2,0x0)';

/** A machine by its device paths: what is there, and what connecting a handle brings forth. */
class Machine implements ConnectServices {
  readonly connected: string[] = [];
  readonly #places: string[];
  readonly #brings: Readonly<Record<string, readonly string[]>>;

  constructor(places: readonly string[], brings: Readonly<Record<string, readonly string[]>> = {}) {
    this.#places = [...places];
    this.#brings = brings;
  }

  locateDevicePath(
    _protocol: unknown,
    wanted: DevicePath,
  ): { handle: EfiHandle; remaining: DevicePath } {
    const best = this.#places
      .map((place, number) => ({ handle: { number }, after: devicePathAfter(path(place), wanted) }))
      .flatMap(({ handle, after }) => (after === undefined ? [] : [{ handle, remaining: after }]))
      .toSorted((left, right) => left.remaining.length - right.remaining.length);
    if (best[0] === undefined) throw new EfiError('EFI_NOT_FOUND', 'nothing is there');
    return best[0];
  }

  connectController(handle: EfiHandle): void {
    const place = this.#places[handle.number] ?? '';
    this.connected.push(place);
    const children = this.#brings[place];
    if (children === undefined) throw new EfiError('EFI_NOT_FOUND', 'no driver was started');
    this.#places.push(...children);
  }

  locateHandleBuffer(): readonly EfiHandle[] {
    if (this.#places.length === 0) throw new EfiError('EFI_NOT_FOUND', 'no handles');
    return this.#places.map((_place, number) => ({ number }));
  }
}

describe('EfiBootManagerConnectDevicePath', () => {
  test('goes down one path, and connects nothing beside it', () => {
    const machine = new Machine(['PciRoot(0x0)', 'PciRoot(0x1)'], {
      'PciRoot(0x0)': [DISK, 'PciRoot(0x0)/Pci(0x3,0x0)'],
      [DISK]: [`${DISK}/Ctrl(0x1)`],
    });
    connectDevicePath(machine, path(`${DISK}/Ctrl(0x1)/\\file`));
    expect(machine.connected).toEqual(['PciRoot(0x0)', DISK, `${DISK}/Ctrl(0x1)`]);
  });

  test('what is there already is not connected again', () => {
    const machine = new Machine(['PciRoot(0x0)', DISK]);
    connectDevicePath(machine, path(DISK));
    expect(machine.connected).toEqual([]);
  });

  test('ends where nobody knows the way', () => {
    const machine = new Machine(['PciRoot(0x0)']);
    connectDevicePath(machine, path(DISK));
    expect(machine.connected).toEqual(['PciRoot(0x0)']);
    connectDevicePath(machine, path('PciRoot(0x7)'));
    expect(machine.connected).toHaveLength(1);
  });

  test('ends even if two devices take turns in being the nearest', () => {
    const root: EfiHandle = { number: 1 };
    const disk: EfiHandle = { number: 2 };
    let turns = 0;
    const restless: ConnectServices = {
      locateDevicePath: () => ({
        handle: turns % 2 === 0 ? root : disk,
        remaining: path(turns++ % 2 === 0 ? DISK : 'Pci(0x2,0x0)'),
      }),
      connectController() {},
      locateHandleBuffer: () => [],
    };
    connectDevicePath(restless, path(DISK));
    expect(turns).toBe(3);
  });

  test('a bug of a driver is not taken for "no driver"', () => {
    const machine = new Machine(['PciRoot(0x0)']);
    machine.connectController = () => {
      throw new TypeError('a bug');
    };
    expect(() => connectDevicePath(machine, path(DISK))).toThrow(TypeError);
    expect(() => connectAll(machine)).toThrow(TypeError);
  });
});

test('a protocol that no handle has is on no handles', () => {
  expect(handlesWith(new Machine([]), { guid: '', name: '' })).toEqual([]);
});
