import { EFI_PAGE_SIZE } from '@dxelab/uefi';
import type { VirtioDevice } from '@dxelab/virtio';
import { expect, test } from 'vitest';
import type { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';

/** A device of some transport, and the world that it is in. */
export interface OpenedDevice {
  readonly world: Pick<VirtioWorld, 'freePages' | 'machine'>;
  readonly device: VirtioDevice;
}

/** The tests of what VIRTIO_DEVICE_PROTOCOL promises over every transport. @param open a new one */
export function testEveryTransport(open: () => OpenedDevice): void {
  test('a field of another size is EFI_INVALID_PARAMETER', () => {
    const { device } = open();
    for (const size of [0, 3, 8]) {
      // a driver without types can ask for anything
      const args: Parameters<VirtioDevice['readDevice']> = JSON.parse(`[0, ${size}]`);
      expect(() => device.readDevice(...args)).toThrow('EFI_INVALID_PARAMETER');
      expect(() => device.writeDevice(...args, 0)).toThrow('EFI_INVALID_PARAMETER');
    }
  });

  test('shared pages are mapped where they are, and are given back', () => {
    const { world, device } = open();
    const before = world.freePages();
    const address = device.allocateSharedPages(3);
    expect(world.freePages()).toBe(before - 3);
    const length = 3 * EFI_PAGE_SIZE;
    const mapping = device.mapSharedBuffer(
      'VirtioOperationBusMasterCommonBuffer',
      { address, length },
      length,
    );
    expect(mapping).toMatchObject({ deviceAddress: address, numberOfBytes: length });
    device.unmapSharedBuffer(mapping);
    device.freeSharedPages(3, address);
    expect(world.freePages()).toBe(before);
  });

  test('an array is bounced: filled when mapped for reading, copied back when unmapped', () => {
    const { world, device } = open();
    const { ram } = world.machine.platform;
    const out = device.mapSharedBuffer('VirtioOperationBusMasterRead', Uint8Array.of(1, 2, 3), 3);
    // nothing stands between the device and RAM
    const address: number = out.deviceAddress;
    expect([0, 1, 2].map((at) => ram.readUint8(address + at))).toEqual([1, 2, 3]);
    device.unmapSharedBuffer(out);
    const target = new Uint8Array(2);
    const into = device.mapSharedBuffer('VirtioOperationBusMasterWrite', target, 2);
    const bounce: number = into.deviceAddress;
    ram.writeUint16(bounce, 0x0807);
    expect([...target]).toEqual([0, 0]);
    device.unmapSharedBuffer(into);
    expect([...target]).toEqual([7, 8]);
  });
}
