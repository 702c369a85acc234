import type {
  EfiDxeServices,
  EfiGcdAllocateType,
  EfiGcdIoSpaceDescriptor,
  EfiGcdIoType,
  EfiGcdMemorySpaceDescriptor,
  EfiGcdMemoryType,
  EfiHandle,
  Guid,
  PhysicalAddress,
} from '@dxelab/uefi';
import { EfiError, NotModelledError } from '@dxelab/uefi';
import type { GcdServices } from '../gcd/gcd-services.ts';
import type { ImageCaller } from '../image/image-caller.ts';
import type { BootServicesParts } from './boot-services-parts.ts';
import { refuseService } from './refuse-service.ts';
import { SERVICE_COST, TPL_LIMIT_NOTIFY } from './service-terms.ts';

/**
 * One image's face of the DXE services (PI Vol. 2 §4.1.1, §7). They end with boot services, and cost as much.
 */
export class DxeServicesFace implements EfiDxeServices {
  readonly address: PhysicalAddress;
  readonly #parts: BootServicesParts;
  readonly #caller: ImageCaller;

  constructor(address: PhysicalAddress, parts: BootServicesParts, caller: ImageCaller) {
    this.address = address;
    this.#parts = parts;
    this.#caller = caller;
  }

  addMemorySpace(
    gcdMemoryType: EfiGcdMemoryType,
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void {
    this.#gcd('AddMemorySpace').addMemorySpace(gcdMemoryType, baseAddress, length, capabilities);
  }

  allocateMemorySpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdMemoryType: EfiGcdMemoryType,
    alignment: number,
    length: number,
    baseAddress: PhysicalAddress | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): PhysicalAddress {
    return this.#gcd('AllocateMemorySpace').allocateMemorySpace(
      gcdAllocateType,
      gcdMemoryType,
      alignment,
      length,
      baseAddress,
      imageHandle,
      deviceHandle,
    );
  }

  freeMemorySpace(baseAddress: PhysicalAddress, length: number): void {
    this.#gcd('FreeMemorySpace').freeMemorySpace(baseAddress, length);
  }

  removeMemorySpace(baseAddress: PhysicalAddress, length: number): void {
    this.#gcd('RemoveMemorySpace').removeMemorySpace(baseAddress, length);
  }

  getMemorySpaceDescriptor(baseAddress: PhysicalAddress): EfiGcdMemorySpaceDescriptor {
    return this.#gcd('GetMemorySpaceDescriptor').getMemorySpaceDescriptor(baseAddress);
  }

  setMemorySpaceAttributes(baseAddress: PhysicalAddress, length: number, attributes: bigint): void {
    this.#gcd('SetMemorySpaceAttributes').setMemorySpaceAttributes(baseAddress, length, attributes);
  }

  setMemorySpaceCapabilities(
    baseAddress: PhysicalAddress,
    length: number,
    capabilities: bigint,
  ): void {
    this.#gcd('SetMemorySpaceCapabilities').setMemorySpaceCapabilities(
      baseAddress,
      length,
      capabilities,
    );
  }

  getMemorySpaceMap(): readonly EfiGcdMemorySpaceDescriptor[] {
    return this.#gcd('GetMemorySpaceMap').getMemorySpaceMap();
  }

  addIoSpace(gcdIoType: EfiGcdIoType, baseAddress: number, length: number): void {
    this.#gcd('AddIoSpace').addIoSpace(gcdIoType, baseAddress, length);
  }

  allocateIoSpace(
    gcdAllocateType: EfiGcdAllocateType,
    gcdIoType: EfiGcdIoType,
    alignment: number,
    length: number,
    baseAddress: number | undefined,
    imageHandle: EfiHandle | undefined,
    deviceHandle?: EfiHandle,
  ): number {
    return this.#gcd('AllocateIoSpace').allocateIoSpace(
      gcdAllocateType,
      gcdIoType,
      alignment,
      length,
      baseAddress,
      imageHandle,
      deviceHandle,
    );
  }

  freeIoSpace(baseAddress: number, length: number): void {
    this.#gcd('FreeIoSpace').freeIoSpace(baseAddress, length);
  }

  removeIoSpace(baseAddress: number, length: number): void {
    this.#gcd('RemoveIoSpace').removeIoSpace(baseAddress, length);
  }

  getIoSpaceDescriptor(baseAddress: number): EfiGcdIoSpaceDescriptor {
    return this.#gcd('GetIoSpaceDescriptor').getIoSpaceDescriptor(baseAddress);
  }

  getIoSpaceMap(): readonly EfiGcdIoSpaceDescriptor[] {
    return this.#gcd('GetIoSpaceMap').getIoSpaceMap();
  }

  dispatch(): void {
    if (this.#enter('Dispatch').dispatcher.dispatch() > 0) return;
    throw new EfiError('EFI_NOT_FOUND', 'Dispatch: no module was waiting for what is there now');
  }

  /** No handle has a firmware volume here, so that only the volume of the firmware has modules. */
  schedule(firmwareVolumeHandle: EfiHandle | undefined, fileName: Guid): void {
    const { dispatcher } = this.#enter('Schedule');
    if (firmwareVolumeHandle === undefined && dispatcher.schedule(fileName)) return;
    throw new EfiError('EFI_NOT_FOUND', `Schedule: no module ${fileName} waits for it`);
  }

  /** Modules of the firmware's volume are trusted, so that none is ever held back. */
  trust(_firmwareVolumeHandle: EfiHandle | undefined, fileName: Guid): void {
    this.#enter('Trust');
    throw new EfiError('EFI_NOT_FOUND', `Trust: no module ${fileName} is held back`);
  }

  processFirmwareVolume(): EfiHandle {
    this.#enter('ProcessFirmwareVolume');
    throw new NotModelledError('EFI_DXE_SERVICES.ProcessFirmwareVolume');
  }

  #gcd(service: string): GcdServices {
    return this.#enter(service).gcd();
  }

  /** Where a service begins; PI says nothing of levels, so that the limit is that of all others. */
  #enter(service: string): BootServicesParts {
    const parts = this.#parts;
    const caller = this.#caller;
    parts.platform.cycles.spend(SERVICE_COST);
    if (parts.exit.endedBy !== undefined || caller.barrier !== undefined) {
      refuseService(service, caller, parts.exit);
    }
    parts.tplWatch.check(service, caller, TPL_LIMIT_NOTIFY);
    return parts;
  }
}
