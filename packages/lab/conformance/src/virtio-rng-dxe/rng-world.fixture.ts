import type { EfiHandle, EfiRng } from '@dxelab/uefi';
import { RngProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import type { PciFunction } from '@dxelab/pci-devices';
import type {
  DescriptorChain,
  VirtioMmio,
  VirtioRngOptions,
  VirtioTransportOptions,
} from '@dxelab/virtio-devices';
import { VirtioPciModern, VirtioRng } from '@dxelab/virtio-devices';
import { virtio10Dxe } from '@dxelab/virtio10-dxe';
import { virtioRngDxe } from '@dxelab/virtio-rng-dxe';
import type { VirtioWorldOptions } from '../virtio10-dxe/virtio-world.fixture.ts';
import { VirtioWorld } from '../virtio10-dxe/virtio-world.fixture.ts';

const DRIVERS: readonly DxeModule[] = [virtio10Dxe, virtioRngDxe];

export interface RngWorldOptions extends Partial<VirtioWorldOptions> {
  readonly rng?: VirtioRngOptions;
  readonly transport?: VirtioTransportOptions;
  /** Plugs the device into another transport than the modern one. */
  readonly plug?: (device: VirtioRng, options?: VirtioTransportOptions) => PciFunction | VirtioMmio;
}

/** An entropy device that remembers what it was asked for: of each request the sizes of its descriptors. */
class ListeningRng extends VirtioRng {
  readonly requests: (readonly number[])[] = [];

  override handleChain(queueIndex: number, chain: DescriptorChain): number | 'pending' {
    const { segmentCount } = chain;
    this.requests.push(Array.from({ length: segmentCount }, (_, at) => chain.segment(at).length));
    return super.handleChain(queueIndex, chain);
  }
}

/** A machine with one virtio entropy device, and the firmware that drives it, up to EFI_RNG_PROTOCOL. */
export class RngWorld extends VirtioWorld {
  readonly device: ListeningRng;

  constructor({
    rng = { entropy: counting() },
    transport,
    plug = (device, plugged) => new VirtioPciModern(device, plugged),
    modules = DRIVERS,
    ...options
  }: RngWorldOptions = {}) {
    const device = new ListeningRng(rng);
    super(plug(device, transport), { ...options, modules });
    this.device = device;
  }

  /** Connects everything, and returns the handle of the device. */
  connect(): EfiHandle {
    this.connectAll();
    return this.only(RngProtocol);
  }

  /** Connects, and opens the device. */
  open(): EfiRng {
    this.connect();
    return this.openOnly(RngProtocol);
  }
}

/** Entropy that counts up: whoever misses a byte, or gets one twice, sees it. */
export function counting(): (target: Uint8Array) => void {
  let next = 0;
  return (target) => {
    for (let at = 0; at < target.length; at++) target[at] = next++;
  };
}

/** What a request of `length` bytes must find with the entropy that counts. */
export function counted(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => first + at);
}
