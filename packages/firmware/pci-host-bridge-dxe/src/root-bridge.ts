import type { PciRootBridgeHob } from '@dxelab/platform';
import type {
  EfiHandle,
  EfiPciResource,
  PciResourceProposal,
  PciResourceRequest,
} from '@dxelab/uefi';

const FOUR_GIB = 0x1_0000_0000;

/** What a host bridge knows of one of its root bridges (PciRootBridge.h: PCI_ROOT_BRIDGE_INSTANCE). */
export class RootBridge {
  readonly hob: PciRootBridgeHob;
  /** Set once, when its protocols are installed. */
  handle: EfiHandle | undefined = undefined;
  /** How many buses are in use, from the first on; 0 before enumeration. */
  busCount = 0;
  /** What everything behind it needs; `undefined` until it was said. */
  requests: readonly PciResourceRequest[] | undefined = undefined;
  proposals: readonly PciResourceProposal[] = [];

  constructor(hob: PciRootBridgeHob) {
    this.hob = hob;
  }

  /** EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL.Configuration(): what it was given, and its buses. */
  configuration(): readonly EfiPciResource[] {
    const resources: EfiPciResource[] = [];
    for (const { type, base, length } of this.proposals) {
      if (base === undefined) continue;
      const memory = type !== 'io';
      const granularity = base < FOUR_GIB ? 32 : 64;
      resources.push({
        type: memory ? 'memory' : 'io',
        granularity: memory ? granularity : 0,
        prefetchable: type === 'pmem32' || type === 'pmem64',
        base,
        length,
      });
    }
    if (this.busCount > 0) {
      const buses = { base: this.hob.firstBus, length: this.busCount };
      resources.push({ type: 'bus', granularity: 0, prefetchable: false, ...buses });
    }
    return resources;
  }
}
