import { createQemuMachine, probeQemu, qemuVirtioRng } from '@dxelab/qemu-machine';

/** What a driver finds first: vendor and device of the function in slot 2, through ECAM. */
export function identity(): number {
  using machine = createQemuMachine({
    qemu: probeQemu(), // throws with the package to install, if there is none
    machine: 'q35',
    memory: 64 * 2 ** 20,
    devices: [qemuVirtioRng({ transport: 'pci-modern', slot: '02.0' })],
    budget: { time: 60e9 },
  });
  const { hobs, mmio } = machine.platform;
  const [bridge] = hobs.pciRootBridges;
  if (bridge?.ecam === undefined) throw new TypeError('a q35 has ECAM');
  return mmio.read32(bridge.ecam.base + 0x1_0000); // 0x10441af4
} // and QEMU is gone
