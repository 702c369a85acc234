import { Region } from '@dxelab/emulated-machine';
import type { Device, MachineBus } from '@dxelab/emulated-machine';
import { PCI_CONFIGURATION_ADDRESS_PORT } from '@dxelab/pci';
import type { PciAperture } from '@dxelab/platform';
import { ConfigRouter } from './config-router.ts';
import { ConfigurationPorts } from './configuration-ports.ts';
import { Ecam } from './ecam.ts';
import { PciBus } from './pci-bus.ts';
import { PciFunction } from './pci-function.ts';
import { ROOT_UPSTREAM } from './pci-upstream.ts';
import { q35Apertures } from './q35-apertures.ts';

/** The host bridge's own function: Intel's 82G33, as on QEMU's q35. */
const Q35_MCH = { name: 'q35-mch', vendorId: 0x8086, deviceId: 0x29c0, classCode: 0x060000 };
/** Of the MCH: where ECAM is, and in bit 0 that it is enabled. PEI programs it. */
const PCIEXBAR = 0x60;
const CONFIGURATION_PORTS = 8;
const LAST_BUS = 255;

/**
 * A PCI host bridge like a q35's, with the root bus 0: configuration by ports 0xCF8 and 0xCFC and by
 * ECAM, and what the firmware is told of its apertures.
 */
export class PciHostBridge implements Device {
  readonly name = 'pci-host-bridge';
  readonly #root = new PciBus('bus 00');

  constructor() {
    this.#root.plug('00.0', new PciFunction(Q35_MCH));
  }

  /**
   * Puts a function into a slot of the root bus; 00.0 is the bridge's own.
   * @param slot such as `02.0`
   * @throws MachineSetupError if the slot is taken, or is none
   */
  plug(slot: string, func: PciFunction): void {
    this.#root.plug(slot, func);
  }

  attach(bus: MachineBus): void {
    const { io, mem32, mem64, ecam } = q35Apertures(bus.ram);
    const router = new ConfigRouter(this.#root, bus.trace);
    const ports = new ConfigurationPorts(router);
    bus.ports.add(
      new Region('pci-conf', PCI_CONFIGURATION_ADDRESS_PORT, CONFIGURATION_PORTS, ports),
    );
    bus.mmio.add(new Region('pcie-mmcfg', ecam.base, ecam.length, new Ecam(router)));
    this.#root.at(0)?.config.set(PCIEXBAR, 4, ecam.base | 1);
    this.#root.attach(bus, ROOT_UPSTREAM);
    bus.onReset(() => {
      ports.reset();
      this.#root.reset();
    });

    const addMmio = ({ base, length }: PciAperture): void =>
      bus.hobs.addResource({ type: 'EFI_RESOURCE_MEMORY_MAPPED_IO', base, length });
    for (const aperture of [mem32, mem64, ecam]) addMmio(aperture);
    bus.hobs.addPciRootBridge({
      segment: 0,
      firstBus: 0,
      lastBus: LAST_BUS,
      io,
      mem32,
      mem64,
      ecam,
      dmaAbove4G: true,
    });
  }
}
