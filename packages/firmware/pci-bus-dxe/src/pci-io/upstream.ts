import type { EfiPciRootBridgeIo } from '@dxelab/uefi';
import {
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE,
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE,
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM,
} from '@dxelab/uefi';

/** What stands between a function and the CPU: a bridge, or the root bridge. */
export interface Upstream {
  readonly root: RootUpstream;
  /** The attributes that functions behind it may have. */
  readonly supports: number;
  /** Lets the ranges of these attributes pass. @throws EFI_UNSUPPORTED */
  enable(attributes: number): void;
}

/** What is no affair of a root bridge: it is between a function and its driver. */
const NOT_FOR_ROOT_BRIDGES =
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE |
  EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM |
  EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

/** The root bridge, as the functions behind it see it. PciEnumeratorSupport.c: DetermineRootBridgeAttributes. */
export class RootUpstream implements Upstream {
  readonly supports: number;
  /** Who has the one VGA's legacy ranges. */
  vgaOwner: unknown = undefined;
  readonly #rootBridgeIo: EfiPciRootBridgeIo;

  constructor(rootBridgeIo: EfiPciRootBridgeIo) {
    this.#rootBridgeIo = rootBridgeIo;
    this.supports = rootBridgeIo.getAttributes().supports | NOT_FOR_ROOT_BRIDGES;
  }

  get root(): RootUpstream {
    return this;
  }

  enable(attributes: number): void {
    const wanted = attributes & ~NOT_FOR_ROOT_BRIDGES;
    const { attributes: current } = this.#rootBridgeIo.getAttributes();
    if ((wanted & ~current) !== 0) this.#rootBridgeIo.setAttributes(current | wanted);
  }
}
