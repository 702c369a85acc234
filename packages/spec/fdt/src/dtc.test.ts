import { describe, expect, test } from 'vitest';
import { compileDts, decompileDtb, missingDtc } from './dtc.fixture.ts';
import {
  fdtPathText,
  fdtPaths,
  isFdtCompatible,
  isFdtEnabled,
  nodeOf,
  readFdt,
  readFdtReg,
  readFdtStrings,
  writeFdt,
} from './index.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = missingDtc();

/** A tree with what real ones have: labels, references, reservations, buses and devices that are off. */
const SOURCE = `/dts-v1/;
/memreserve/ 0x80000000 0x10000;
/memreserve/ 0x100000000 0x1000;
/ {
  #address-cells = <2>;
  #size-cells = <2>;
  compatible = "linux,dummy-virt";
  interrupt-parent = <&gic>;
  gic: intc@8000000 {
    compatible = "arm,cortex-a15-gic";
    reg = <0x0 0x08000000 0x0 0x10000>, <0x0 0x08010000 0x0 0x10000>;
    interrupt-controller;
    #interrupt-cells = <3>;
  };
  virtio_mmio@a000000 {
    dma-coherent;
    interrupts = <0x0 0x10 0x1>;
    reg = <0x0 0x0a000000 0x0 0x200>;
    compatible = "virtio,mmio";
  };
  virtio_mmio@a000200 {
    reg = <0x0 0x0a000200 0x0 0x200>;
    compatible = "virtio,mmio";
    status = "disabled";
  };
  soc {
    compatible = "simple-bus";
    #address-cells = <1>;
    #size-cells = <1>;
    ranges = <0x0 0x0 0xfe000000 0x1000000>;
    virtio@b00000 {
      reg = <0xb00000 0x200>;
      compatible = "vendor,virtio", "virtio,mmio";
      status = "okay";
    };
  };
};
`;

describe.skipIf(skip !== undefined)(`trees of Debian's dtc ${skip ?? ''}`, () => {
  test.each(['17', '16'])('version %s: nodes, properties and reservations', (version) => {
    const { value: tree, problem } = readFdt(compileDts(SOURCE, '-V', version, '-b', '3'));
    if (tree === undefined) throw new TypeError(problem);
    expect(tree.reservations).toEqual([
      { address: 0x80000000n, size: 0x10000n },
      { address: 0x100000000n, size: 0x1000n },
    ]);
    expect(tree.bootCpu).toBe(3);
    expect([...fdtPaths(tree.root)].map(fdtPathText)).toEqual([
      '/',
      '/intc@8000000',
      '/virtio_mmio@a000000',
      '/virtio_mmio@a000200',
      '/soc',
      '/soc/virtio@b00000',
    ]);
    const compatible = tree.root.properties.get('compatible') ?? new Uint8Array(0);
    expect(readFdtStrings(compatible)).toEqual(['linux,dummy-virt']);
  });

  test('the virtio devices, where the CPU reaches them', () => {
    const { value: tree, problem } = readFdt(compileDts(SOURCE));
    if (tree === undefined) throw new TypeError(problem);
    const devices = [...fdtPaths(tree.root)].filter(
      (path) => isFdtCompatible(nodeOf(path), 'virtio,mmio') && isFdtEnabled(nodeOf(path)),
    );
    expect(devices.map((path) => [fdtPathText(path), readFdtReg(path).value])).toEqual([
      ['/virtio_mmio@a000000', [{ address: 0x0a000000n, size: 0x200n }]],
      ['/soc/virtio@b00000', [{ address: 0xfeb00000n, size: 0x200n }]],
    ]);
  });

  test('room that dtc leaves for later does not count', () => {
    expect(readFdt(compileDts(SOURCE, '-p', '4096')).value).toEqual(
      readFdt(compileDts(SOURCE)).value,
    );
  });

  test('dtc reads what is written here as what it had itself', () => {
    const compiled = compileDts(SOURCE);
    const { value: tree, problem } = readFdt(compiled);
    if (tree === undefined) throw new TypeError(problem);
    expect(decompileDtb(writeFdt(tree))).toBe(decompileDtb(compiled));
  });
});
