import type { Cycles } from '@dxelab/platform';
import type {
  EfiCapsuleHeader,
  EfiMemoryDescriptor,
  EfiResetType,
  EfiRuntimeServices,
  EfiStatus,
  EfiTime,
  EfiTimeCapabilities,
  EfiVariable,
  EfiVariableInfo,
  EfiVariableName,
  EfiWakeupTime,
  Guid,
  PhysicalAddress,
} from '@dxelab/uefi';
import {
  CapsuleArchProtocol,
  EFI_SOFTWARE_EFI_RUNTIME_SERVICE,
  EFI_SW_RS_PC_RESET_SYSTEM,
  MonotonicCounterArchProtocol,
  RealTimeClockArchProtocol,
  RuntimeArchProtocol,
  VariableArchProtocol,
} from '@dxelab/uefi';
import type { ImageCaller } from '../image/image-caller.ts';
import type { BootServicesParts } from './boot-services-parts.ts';
import { SERVICE_COST, TPL_LIMIT_CALLBACK } from './service-terms.ts';

/**
 * One image's face of the runtime services (UEFI §4.5, §8). The work is done by the modules that have
 * installed the architectural protocols; these services outlive boot services.
 */
export class RuntimeServicesFace implements EfiRuntimeServices {
  private readonly parts: BootServicesParts;
  private readonly cycles: Cycles;
  private readonly caller: ImageCaller;

  constructor(parts: BootServicesParts, caller: ImageCaller) {
    this.parts = parts;
    this.cycles = parts.platform.cycles;
    this.caller = caller;
  }

  getTime(): { readonly time: EfiTime; readonly capabilities: EfiTimeCapabilities } {
    const { architecture } = this.enter('GetTime');
    return architecture.get(RealTimeClockArchProtocol, 'GetTime').getTime();
  }

  setTime(time: EfiTime): void {
    const { architecture } = this.enter('SetTime');
    architecture.get(RealTimeClockArchProtocol, 'SetTime').setTime(time);
  }

  getWakeupTime(): EfiWakeupTime {
    const { architecture } = this.enter('GetWakeupTime');
    return architecture.get(RealTimeClockArchProtocol, 'GetWakeupTime').getWakeupTime();
  }

  setWakeupTime(enable: boolean, time?: EfiTime): void {
    const { architecture } = this.enter('SetWakeupTime');
    architecture.get(RealTimeClockArchProtocol, 'SetWakeupTime').setWakeupTime(enable, time);
  }

  setVirtualAddressMap(virtualMap: readonly EfiMemoryDescriptor[]): void {
    const { architecture } = this.enterAtAnyTpl();
    architecture.get(RuntimeArchProtocol, 'SetVirtualAddressMap').setVirtualAddressMap(virtualMap);
  }

  convertPointer(debugDisposition: number, address: number): number {
    const { architecture } = this.enterAtAnyTpl();
    const runtime = architecture.get(RuntimeArchProtocol, 'ConvertPointer');
    return runtime.convertPointer(debugDisposition, address);
  }

  getVariable(name: string, vendor: Guid): EfiVariable {
    const { architecture } = this.enter('GetVariable');
    return architecture.get(VariableArchProtocol, 'GetVariable').getVariable(name, vendor);
  }

  getNextVariableName(previous: EfiVariableName | undefined): EfiVariableName | undefined {
    const { architecture } = this.enter('GetNextVariableName');
    const variables = architecture.get(VariableArchProtocol, 'GetNextVariableName');
    return variables.getNextVariableName(previous);
  }

  setVariable(name: string, vendor: Guid, attributes: number, data: Uint8Array): void {
    const { architecture } = this.enter('SetVariable');
    const variables = architecture.get(VariableArchProtocol, 'SetVariable');
    variables.setVariable(name, vendor, attributes, data);
  }

  queryVariableInfo(attributes: number): EfiVariableInfo {
    const { architecture } = this.enter('QueryVariableInfo');
    const variables = architecture.get(VariableArchProtocol, 'QueryVariableInfo');
    return variables.queryVariableInfo(attributes);
  }

  getNextHighMonotonicCount(): number {
    const { architecture } = this.enterAtAnyTpl();
    const counter = architecture.get(MonotonicCounterArchProtocol, 'GetNextHighMonotonicCount');
    return counter.getNextHighMonotonicCount();
  }

  updateCapsule(
    capsules: readonly EfiCapsuleHeader[],
    scatterGatherList: PhysicalAddress | undefined,
  ): void {
    const { architecture } = this.enterAtAnyTpl();
    architecture
      .get(CapsuleArchProtocol, 'UpdateCapsule')
      .updateCapsule(capsules, scatterGatherList);
  }

  queryCapsuleCapabilities(capsules: readonly EfiCapsuleHeader[]): {
    readonly maximumCapsuleSize: number;
    readonly resetType: EfiResetType;
  } {
    const { architecture } = this.enterAtAnyTpl();
    const updater = architecture.get(CapsuleArchProtocol, 'QueryCapsuleCapabilities');
    return updater.queryCapsuleCapabilities(capsules);
  }

  resetSystem(resetType: EfiResetType, resetStatus: EfiStatus): never {
    const { statusCodes } = this.parts;
    statusCodes.progress(EFI_SOFTWARE_EFI_RUNTIME_SERVICE | EFI_SW_RS_PC_RESET_SYSTEM);
    const message = `${this.caller.name} called ResetSystem(${resetType}) with ${resetStatus}`;
    return this.parts.platform.reset(resetType, message);
  }

  /** Variable and time services are for TPL_CALLBACK and lower (UEFI §7.1, Table 7.3). */
  private enter(service: string): BootServicesParts {
    const { parts } = this;
    parts.tplWatch.check(service, this.caller, TPL_LIMIT_CALLBACK);
    return this.enterAtAnyTpl();
  }

  private enterAtAnyTpl(): BootServicesParts {
    this.cycles.spend(SERVICE_COST);
    return this.parts;
  }
}
