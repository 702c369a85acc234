import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { Unwind } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import {
  VIRTIO_F_ACCESS_PLATFORM,
  VIRTIO_F_VERSION_1,
  VIRTIO_PAGE_SIZE,
  VIRTIO_SPEC_REVISION_1_0_0,
  VSTAT_ACK,
  VSTAT_DRIVER,
  VSTAT_DRIVER_OK,
  VSTAT_FAILED,
} from '@dxelab/virtio';
import type { RingLibraries, RingServices, VirtioRing } from './virtio-ring.ts';
import type { VirtioRingMapping } from './virtio-ring-init.ts';
import { virtioRingInit, virtioRingMap, virtioRingUninit } from './virtio-ring-init.ts';
import { virtioNegotiated } from './virtio-negotiated.ts';
import { virtio10WriteFeatures } from './virtio10-write-features.ts';

/** A queue that a driver needs. */
export interface VirtioQueueOptions {
  readonly queue: number;
  /** How many descriptors the longest chain needs. */
  readonly minimumQueueSize: number;
}

/** What distinguishes one driver's negotiation from another's. */
export interface VirtioBringUpOptions {
  /**
   * Reads the configuration of a device that offers `offered`, and returns the features to take;
   * VERSION_1 and ACCESS_PLATFORM are taken anyway.
   * @throws EFI_UNSUPPORTED if the driver cannot drive such a device
   */
  choose(offered: bigint): bigint;
  /** Features that the driver acts as if it were not offered, whatever `choose` says. Default: none. */
  readonly declined?: bigint;
  /** Writes to the configuration before DRIVER_OK. */
  configure?(): void;
}

/** What distinguishes one driver's initialisation from another's. */
export interface VirtioInitOptions extends VirtioQueueOptions, VirtioBringUpOptions {
  /** Those beside the first one, such as a SCSI host's control queue. Default: none. */
  readonly moreQueues?: readonly VirtioQueueOptions[];
}

/** A queue that was set up. */
export interface VirtioRingSetup {
  readonly ring: VirtioRing;
  readonly mapping: VirtioRingMapping;
}

/** A device that is ready to work, with its first queue and those beside it. */
export interface VirtioSetup extends VirtioRingSetup {
  readonly features: bigint;
  /** As `moreQueues` asked for them. */
  readonly moreQueues: readonly VirtioRingSetup[];
}

/** A device that is ready to work, with what its queues became. */
export interface VirtioBroughtUp<Queues> {
  readonly features: bigint;
  readonly queues: Queues;
}

/**
 * Brings a device from reset to DRIVER_OK with its queues, in the order of OVMF's drivers (virtio
 * §3.1.1). On failure the device is left FAILED, and nothing else remains.
 * @throws EFI_UNSUPPORTED, EFI_OUT_OF_RESOURCES, and what the transport throws
 */
export function virtioInit(
  virtIo: VirtioDevice,
  bs: RingServices,
  libraries: RingLibraries,
  options: VirtioInitOptions,
): VirtioSetup {
  const { features, queues } = virtioBringUp(virtIo, libraries, options, (_features, unwind) => {
    const setUp = (queue: VirtioQueueOptions): VirtioRingSetup =>
      virtioRingSetUp(virtIo, bs, libraries, queue, unwind);
    return { ...setUp(options), moreQueues: (options.moreQueues ?? []).map(setUp) };
  });
  return { features, ...queues };
}

/**
 * The same with queues of any kind.
 * @param setUpQueues sets up what `features` allow, and pushes what undoes it
 * @throws as `virtioInit`, and what `setUpQueues` throws
 */
export function virtioBringUp<Queues>(
  virtIo: VirtioDevice,
  libraries: RingLibraries,
  options: VirtioBringUpOptions,
  setUpQueues: (features: bigint, unwind: Unwind) => Queues,
): VirtioBroughtUp<Queues> {
  const unwind = new Unwind();
  let status = 0;
  const raise = (bits: number): void => {
    status |= bits;
    virtIo.setDeviceStatus(status);
  };
  raise(0);
  unwind.push(() => raise(VSTAT_FAILED));
  try {
    raise(VSTAT_ACK);
    raise(VSTAT_DRIVER);
    virtIo.setPageSize(VIRTIO_PAGE_SIZE);
    const offered = virtIo.getDeviceFeatures() & ~(options.declined ?? 0n);
    const wanted = options.choose(offered) | VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM;
    const features = offered & wanted;
    const modern = virtIo.revision >= VIRTIO_SPEC_REVISION_1_0_0;
    const legacyFeaturesLast = libraries.quirks.has('VirtioLib.LegacyFeaturesLast');
    if (modern) {
      requireVersion1(features, libraries);
      status = virtio10WriteFeatures(virtIo, features, status);
    } else if (!legacyFeaturesLast) {
      virtIo.setGuestFeatures(legacyFeatures(features));
    }
    const queues = setUpQueues(features, unwind);
    if (!modern && legacyFeaturesLast) virtIo.setGuestFeatures(legacyFeatures(features));
    options.configure?.();
    raise(VSTAT_DRIVER_OK);
    libraries.trace?.('virtio_negotiated', virtioNegotiated(offered, features));
    return { features, queues };
  } catch (caught) {
    // a refused FEATURES_OK: what the device showed is what FAILED is added to
    if (isEfiFailure(caught) && typeof caught.out === 'number') status = caught.out;
    unwind.run();
    throw caught;
  }
}

/** Resets a device, which ends all it does, and frees its queues. */
export function virtioUninit(virtIo: VirtioDevice, setup: VirtioSetup): void {
  virtIo.setDeviceStatus(0);
  for (const { ring, mapping } of [setup, ...setup.moreQueues]) {
    virtIo.unmapSharedBuffer(mapping.mapping);
    virtioRingUninit(virtIo, ring);
  }
}

/** Sets up one queue of OVMF's kind, and pushes what undoes it. @throws as `virtioInit` */
export function virtioRingSetUp(
  virtIo: VirtioDevice,
  bs: RingServices,
  libraries: RingLibraries,
  { queue, minimumQueueSize }: VirtioQueueOptions,
  unwind: Unwind,
): VirtioRingSetup {
  virtIo.setQueueSel(queue);
  const queueSize = virtIo.getQueueNumMax();
  if (queueSize < minimumQueueSize) {
    throw new EfiError(
      'EFI_UNSUPPORTED',
      `virtqueue ${queue} has ${queueSize} descriptors, but a request needs ${minimumQueueSize}`,
    );
  }
  const ring = virtioRingInit(virtIo, queueSize, bs, libraries);
  unwind.push(() => virtioRingUninit(virtIo, ring));
  const mapping = virtioRingMap(virtIo, ring);
  unwind.push(() => virtIo.unmapSharedBuffer(mapping.mapping));
  virtIo.setQueueNum(queueSize);
  virtIo.setQueueAlign(VIRTIO_PAGE_SIZE);
  virtIo.setQueueAddress(ring, mapping.ringBaseShift);
  return { ring, mapping };
}

/** virtio §6.1: a driver must not drive a modern device that does not offer VERSION_1. */
function requireVersion1(features: bigint, libraries: RingLibraries): void {
  if ((features & VIRTIO_F_VERSION_1) !== 0n) return;
  if (libraries.quirks.has('VirtioLib.Version1Optional')) return;
  throw new EfiError('EFI_UNSUPPORTED', 'the device does not offer VIRTIO_F_VERSION_1');
}

/** A legacy device has 32 feature bits. */
function legacyFeatures(features: bigint): bigint {
  return BigInt.asUintN(32, features);
}
