import { qemuVirtioRng } from '@dxelab/qemu-machine';
import { PciEnumerationCompleteProtocol, PciIoProtocol } from '@dxelab/uefi';
import type { EfiPciIo } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();

/** Device, function and identity of everything on bus 0. */
function functions(world: QemuWorld): readonly string[] {
  return world.handlesWith(PciIoProtocol).map((handle) => {
    const pciIo = pciIoOf(world, handle);
    const { bus, device, function: func } = pciIo.getLocation();
    const slot = [bus, device].map((number) => number.toString(16).padStart(2, '0')).join(':');
    return `${slot}.${func} ${pciIo.pci.read(2, 0).toString(16).padStart(8, '0')}`;
  });
}

function pciIoOf(world: QemuWorld, handle: ReturnType<QemuWorld['handlesWith']>[number]): EfiPciIo {
  return world.bs.handleProtocol(handle, PciIoProtocol);
}

describe.skipIf(skip !== undefined)(
  `PciHostBridgeDxe and PciBusDxe on QEMU's chipsets ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      const rng = qemuVirtioRng({ transport: 'pci-modern', slot: '02.0' });

      test('q35: through ECAM, which was off when the machine was switched on', () => {
        using world = new QemuWorld({ profile, machine: 'q35', devices: [rng] }).connect();
        expect(functions(world)).toEqual([
          '00:00.0 29c08086',
          '00:02.0 10441af4',
          '00:1f.0 29188086',
          '00:1f.2 29228086',
          '00:1f.3 29308086',
        ]);
      });

      test('pc: through the ports 0xCF8 and 0xCFC', () => {
        using world = new QemuWorld({ profile, machine: 'pc', devices: [rng] }).connect();
        expect(functions(world)).toEqual([
          '00:00.0 12378086',
          '00:01.0 70008086',
          '00:01.1 70108086',
          '00:01.3 71138086',
          '00:02.0 10441af4',
        ]);
      });

      test.for(['q35', 'pc'] as const)(
        '%s: BARs lie in the apertures, and answer there',
        (machine) => {
          using world = new QemuWorld({ profile, machine, devices: [rng] }).connect();
          expect(world.handlesWith(PciEnumerationCompleteProtocol)).toHaveLength(1);
          const [bridge] = world.machine.platform.hobs.pciRootBridges;
          const handle = world
            .handlesWith(PciIoProtocol)
            .find((candidate) => pciIoOf(world, candidate).getLocation().device === 2);
          if (bridge?.mem64 === undefined || handle === undefined)
            throw new TypeError('no function');
          const pciIo = pciIoOf(world, handle);
          const msix = pciIo.pci.read(2, 0x14);
          expect(msix).toBeGreaterThanOrEqual(bridge.mem32.base);
          expect(msix).toBeLessThan(bridge.mem32.base + bridge.mem32.length);
          expect(pciIo.pci.read(2, 0x24) * 2 ** 32).toBeGreaterThanOrEqual(bridge.mem64.base);
          // num_queues of an entropy source, in the common structure of BAR 4 (virtio §4.1.4.3).
          pciIo.pci.write(1, 4, 6);
          expect(pciIo.mem.read(1, 4, 0x12)).toBe(1);
        },
      );

      test('a device behind a PCI Express root port', () => {
        using world = new QemuWorld({
          profile,
          devices: [
            { driver: 'pcie-root-port', properties: { id: 'port1', addr: '03.0', chassis: 1 } },
            { driver: 'virtio-rng-pci', properties: { bus: 'port1', addr: '00.0' } },
          ],
        }).connect();
        expect(functions(world)).toContain('01:00.0 10441af4');
      });
    });
  },
);
