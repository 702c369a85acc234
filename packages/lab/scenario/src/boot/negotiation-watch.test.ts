import { describe, expect, test } from 'vitest';
import { NegotiationWatch } from './negotiation-watch.ts';

const blk = { driver: 'VirtioBlkDxe', controller: 7 } as const;
const bus = { driver: 'PciBusDxe', controller: 3 } as const;
const packed = { offered: '0x3', features: '0x1', ring: 'packed' } as const;

describe('what a driver has agreed on with its device', () => {
  test('is that of the innermost Start, once it has succeeded', () => {
    const watch = new NegotiationWatch();
    watch.tracer('driver_binding_start_begin', bus);
    watch.tracer('driver_binding_start_begin', blk);
    watch.tracer('virtio_negotiated', packed);
    expect(watch.of(7)).toBeUndefined();
    watch.tracer('driver_binding_start_end', { ...blk, status: 'EFI_SUCCESS' });
    watch.tracer('driver_binding_start_end', { ...bus, status: 'EFI_SUCCESS' });
    expect(watch.of(7)).toEqual(packed);
    expect(watch.of(3)).toBeUndefined();
  });

  test('is nothing where Start failed', () => {
    const watch = new NegotiationWatch();
    watch.tracer('driver_binding_start_begin', blk);
    watch.tracer('virtio_negotiated', packed);
    watch.tracer('driver_binding_start_end', { ...blk, status: 'EFI_OUT_OF_RESOURCES' });
    expect(watch.of(7)).toBeUndefined();
  });

  test('goes with the driver, and not with another of the same controller', () => {
    const watch = new NegotiationWatch();
    watch.tracer('driver_binding_start_begin', blk);
    watch.tracer('virtio_negotiated', packed);
    watch.tracer('driver_binding_start_end', { ...blk, status: 'EFI_SUCCESS' });
    watch.tracer('driver_binding_stop_end', { ...blk, driver: 'DiskIoDxe', status: 'EFI_SUCCESS' });
    watch.tracer('driver_binding_stop_end', { ...blk, status: 'EFI_DEVICE_ERROR' });
    expect(watch.of(7)).toEqual(packed);
    watch.tracer('driver_binding_stop_end', { ...blk, status: 'EFI_SUCCESS' });
    expect(watch.of(7)).toBeUndefined();
  });
});
