import { VirtioMmio } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { ThreeQueues } from '../virtio10-dxe/three-queues.fixture.ts';
import { compileDts, missingDtc } from './dtc.fixture.ts';
import { FdtWorld } from './fdt-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = missingDtc();

const device = (): VirtioMmio => new VirtioMmio(new ThreeQueues());
const SLOT_3 = '0006B0FE00000000';
const SLOT_23 = '002EB0FE00000000';

/** As QEMU's microvm has it: nodes below the root, 64-bit addresses and sizes, interrupts. */
const LIKE_MICROVM = `/dts-v1/;
/ {
  compatible = "linux,microvm";
  #address-cells = <2>;
  #size-cells = <2>;
  interrupt-parent = <&ioapic>;
  cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = "cpu"; reg = <0>; }; };
  ioapic: ioapic2@fec10000 {
    compatible = "intel,ce4100-ioapic";
    reg = <0x0 0xfec10000 0x0 0x1000>;
    interrupt-controller;
    #interrupt-cells = <2>;
  };
  virtio_mmio@feb00600 {
    dma-coherent;
    interrupts = <27 1>;
    reg = <0x0 0xfeb00600 0x0 0x200>;
    compatible = "virtio,mmio";
  };
  virtio_mmio@feb02e00 {
    dma-coherent;
    interrupts = <47 1>;
    reg = <0x0 0xfeb02e00 0x0 0x200>;
    compatible = "virtio,mmio";
  };
};
`;

/** The same devices below a bus with addresses of its own. */
const BEHIND_A_BUS = `/dts-v1/;
/ {
  #address-cells = <2>;
  #size-cells = <2>;
  soc {
    compatible = "simple-bus";
    #address-cells = <1>;
    #size-cells = <1>;
    ranges = <0x0 0x0 0xfe000000 0x1000000>;
    virtio@b00600 { reg = <0xb00600 0x200>; compatible = "acme,virtio", "virtio,mmio"; };
    virtio@b02e00 { reg = <0xb02e00 0x200>; compatible = "virtio,mmio"; status = "disabled"; };
  };
};
`;

describe.skipIf(skip !== undefined)(`trees of Debian's dtc ${skip ?? ''}`, () => {
  test.each(['specification', 'edk2'] as const)('%s: one like that of a microvm', (profile) => {
    const devices = { 3: device(), 23: device() };
    const world = new FdtWorld({ profile, devices, tree: compileDts(LIKE_MICROVM) });
    expect(world.transports.map(([address]) => address)).toEqual([SLOT_3, SLOT_23]);
    expect(world.messages).toEqual([]);
  });

  test('specification: devices behind a bus, and one of them is off', () => {
    const devices = { 3: device(), 23: device() };
    const world = new FdtWorld({ devices, tree: compileDts(BEHIND_A_BUS) });
    expect(world.transports.map(([address]) => address)).toEqual([SLOT_3]);
    expect(world.messages).toEqual([]);
  });

  test('QUIRK VirtioFdtDxe.RegIsBaseAndSize: they are looked for somewhere else', () => {
    const devices = { 3: device(), 23: device() };
    const world = new FdtWorld({ profile: 'edk2', devices, tree: compileDts(BEHIND_A_BUS) });
    expect(world.transports).toEqual([]);
    expect(world.messages).toEqual([expect.stringMatching(/^\/soc\/virtio@b00600: /)]);
  });
});
