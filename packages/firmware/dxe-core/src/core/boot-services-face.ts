import type {
  DevicePath,
  EfiAllocateType,
  EfiBootServices,
  EfiEvent,
  EfiEventNotify,
  EfiHandle,
  EfiMemoryMap,
  EfiMemoryType,
  EfiStatus,
  EfiTimerDelay,
  EfiTpl,
  Guid,
  GuestBuffer,
  LocateSearch,
  OpenProtocolInformationEntry,
  OpenProtocolResult,
  PhysicalAddress,
  Protocol,
  ProtocolInterface,
  ProtocolRegistration,
} from '@dxelab/uefi';
import { MonotonicCounterArchProtocol } from '@dxelab/uefi';
import type { Cycles } from '@dxelab/platform';
import type { ImageCaller } from '../image/image-caller.ts';
import type { BootServicesParts } from './boot-services-parts.ts';
import { refuseService } from './refuse-service.ts';
import {
  SERVICE_COST as COST,
  TPL_LIMIT_APPLICATION,
  TPL_LIMIT_BELOW_CALLBACK,
  TPL_LIMIT_BELOW_HIGH_LEVEL,
  TPL_LIMIT_CALLBACK,
  TPL_LIMIT_NOTIFY,
} from './service-terms.ts';

// Local, because imported constants are slow under Vitest.
const SERVICE_COST = COST;
const APPLICATION = TPL_LIMIT_APPLICATION;
const BELOW_CALLBACK = TPL_LIMIT_BELOW_CALLBACK;
const CALLBACK = TPL_LIMIT_CALLBACK;
const NOTIFY = TPL_LIMIT_NOTIFY;
const BELOW_HIGH_LEVEL = TPL_LIMIT_BELOW_HIGH_LEVEL;

/**
 * One image's face of the boot services (UEFI §4.4, §7): it knows who calls. Every service costs a
 * little time, and there are none after ExitBootServices, nor for an image that has called Exit or was
 * unloaded.
 */
export class BootServicesFace implements EfiBootServices {
  private readonly parts: BootServicesParts;
  private readonly cycles: Cycles;
  private readonly caller: ImageCaller;

  constructor(parts: BootServicesParts, caller: ImageCaller) {
    this.parts = parts;
    this.cycles = parts.platform.cycles;
    this.caller = caller;
  }

  raiseTpl(newTpl: EfiTpl): EfiTpl {
    return this.enterAtAnyTpl('RaiseTPL').events.raiseTpl(newTpl);
  }

  restoreTpl(oldTpl: EfiTpl): void {
    this.enterAtAnyTpl('RestoreTPL').events.restoreTpl(oldTpl);
  }

  createEvent<Context>(
    type: number,
    notifyTpl: EfiTpl = 0,
    notify?: EfiEventNotify<Context | undefined>,
    context?: Context,
  ): EfiEvent {
    const { events } = this.enter('CreateEvent', BELOW_HIGH_LEVEL);
    const { name } = this.caller;
    return events.createEvent(type, notifyTpl, notify, context, undefined, name);
  }

  createEventEx<Context>(
    type: number,
    notifyTpl: EfiTpl,
    notify: EfiEventNotify<Context> | undefined,
    context: Context,
    eventGroup?: Guid,
  ): EfiEvent {
    const { events } = this.enter('CreateEventEx', BELOW_HIGH_LEVEL);
    return events.createEvent(type, notifyTpl, notify, context, eventGroup, this.caller.name);
  }

  setTimer(event: EfiEvent, type: EfiTimerDelay, triggerTime?: number): void {
    this.enter('SetTimer', BELOW_HIGH_LEVEL).events.setTimer(event, type, triggerTime);
  }

  waitForEvent(events: readonly EfiEvent[]): number {
    return this.enterAtAnyTpl('WaitForEvent').events.waitForEvent(events);
  }

  signalEvent(event: EfiEvent): void {
    this.enterAtAnyTpl('SignalEvent').events.signalEvent(event);
  }

  closeEvent(event: EfiEvent): void {
    this.enter('CloseEvent', BELOW_HIGH_LEVEL).events.closeEvent(event);
  }

  checkEvent(event: EfiEvent): boolean {
    return this.enter('CheckEvent', BELOW_HIGH_LEVEL).events.checkEvent(event);
  }

  allocatePages(
    type: EfiAllocateType,
    memoryType: EfiMemoryType,
    pages: number,
    memory?: PhysicalAddress,
  ): PhysicalAddress {
    const { memory: services } = this.enter('AllocatePages');
    return services.allocatePages(type, memoryType, pages, memory, this.caller.name);
  }

  freePages(memory: PhysicalAddress, pages: number): void {
    this.enter('FreePages').memory.freePages(memory, pages, this.caller.name);
  }

  getMemoryMap(): EfiMemoryMap {
    return this.enter('GetMemoryMap').memory.getMemoryMap();
  }

  allocatePool(poolType: EfiMemoryType, size: number): GuestBuffer {
    return this.enter('AllocatePool').memory.allocatePool(poolType, size, this.caller.name);
  }

  freePool(buffer: GuestBuffer): void {
    this.enter('FreePool').memory.freePool(buffer, this.caller.name);
  }

  copyMem(destination: PhysicalAddress, source: PhysicalAddress, length: number): void {
    this.enter('CopyMem').memory.copyMem(destination, source, length, this.caller.name);
  }

  setMem(buffer: PhysicalAddress, size: number, value: number): void {
    this.enter('SetMem').memory.setMem(buffer, size, value, this.caller.name);
  }

  installProtocolInterface<I>(
    handle: EfiHandle | undefined,
    protocol: Protocol<I>,
    instance: I,
  ): EfiHandle {
    const { protocols } = this.enter('InstallProtocolInterface');
    return protocols.installProtocolInterface(handle, protocol, instance);
  }

  uninstallProtocolInterface<I>(handle: EfiHandle, protocol: Protocol<I>, instance: I): void {
    const { protocols } = this.enter('UninstallProtocolInterface');
    protocols.uninstallProtocolInterface(handle, protocol, instance);
  }

  reinstallProtocolInterface<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    oldInterface: I,
    newInterface: I,
  ): void {
    const { protocols } = this.enter('ReinstallProtocolInterface');
    protocols.reinstallProtocolInterface(handle, protocol, oldInterface, newInterface);
  }

  installMultipleProtocolInterfaces(
    handle: EfiHandle | undefined,
    ...interfaces: readonly ProtocolInterface[]
  ): EfiHandle {
    const { protocols } = this.enter('InstallMultipleProtocolInterfaces');
    return protocols.installMultipleProtocolInterfaces(handle, ...interfaces);
  }

  uninstallMultipleProtocolInterfaces(
    handle: EfiHandle,
    ...interfaces: readonly ProtocolInterface[]
  ): void {
    const { protocols } = this.enter('UninstallMultipleProtocolInterfaces');
    protocols.uninstallMultipleProtocolInterfaces(handle, ...interfaces);
  }

  handleProtocol<I>(handle: EfiHandle, protocol: Protocol<I>): I {
    return this.enter('HandleProtocol').protocols.handleProtocol(handle, protocol);
  }

  openProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): I {
    const { protocols } = this.enter('OpenProtocol');
    return protocols.openProtocol(handle, protocol, agentHandle, controllerHandle, attributes);
  }

  tryOpenProtocol<I>(
    handle: EfiHandle,
    protocol: Protocol<I>,
    agentHandle: EfiHandle | undefined,
    controllerHandle: EfiHandle | undefined,
    attributes: number,
  ): OpenProtocolResult<I> {
    const { protocols } = this.enter('OpenProtocol');
    return protocols.tryOpenProtocol(handle, protocol, agentHandle, controllerHandle, attributes);
  }

  closeProtocol(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
    agentHandle: EfiHandle,
    controllerHandle: EfiHandle | undefined,
  ): void {
    const { protocols } = this.enter('CloseProtocol');
    protocols.closeProtocol(handle, protocol, agentHandle, controllerHandle);
  }

  openProtocolInformation(
    handle: EfiHandle,
    protocol: Protocol<unknown>,
  ): readonly OpenProtocolInformationEntry[] {
    const { protocols } = this.enter('OpenProtocolInformation');
    return protocols.openProtocolInformation(handle, protocol);
  }

  protocolsPerHandle(handle: EfiHandle): readonly Guid[] {
    return this.enter('ProtocolsPerHandle').protocols.protocolsPerHandle(handle);
  }

  registerProtocolNotify(protocol: Protocol<unknown>, event: EfiEvent): ProtocolRegistration {
    const { protocols } = this.enter('RegisterProtocolNotify');
    return protocols.registerProtocolNotify(protocol, event);
  }

  locateHandleBuffer(search: LocateSearch): readonly EfiHandle[] {
    return this.enter('LocateHandleBuffer').protocols.locateHandleBuffer(search);
  }

  locateProtocol<I>(protocol: Protocol<I>, registration?: ProtocolRegistration): I {
    return this.enter('LocateProtocol').protocols.locateProtocol(protocol, registration);
  }

  locateDevicePath(
    protocol: Protocol<unknown>,
    devicePath: DevicePath,
  ): { readonly handle: EfiHandle; readonly remaining: DevicePath } {
    return this.enter('LocateDevicePath').protocols.locateDevicePath(protocol, devicePath);
  }

  connectController(
    controller: EfiHandle,
    driverImageHandles?: readonly EfiHandle[],
    remainingDevicePath?: DevicePath,
    recursive?: boolean,
  ): void {
    const { protocols } = this.enter('ConnectController');
    protocols.connectController(controller, driverImageHandles, remainingDevicePath, recursive);
  }

  disconnectController(
    controller: EfiHandle,
    driverImageHandle?: EfiHandle,
    child?: EfiHandle,
  ): void {
    const { protocols } = this.enter('DisconnectController');
    protocols.disconnectController(controller, driverImageHandle, child);
  }

  loadImage(
    bootPolicy: boolean,
    parentImageHandle: EfiHandle,
    devicePath: DevicePath | undefined,
    source?: Uint8Array,
  ): EfiHandle {
    const { images } = this.enter('LoadImage', BELOW_CALLBACK);
    return images.loadImage(bootPolicy, parentImageHandle, devicePath, source);
  }

  startImage(imageHandle: EfiHandle): Uint8Array | undefined {
    return this.enter('StartImage', BELOW_CALLBACK).images.startImage(imageHandle);
  }

  exit(imageHandle: EfiHandle, exitStatus: EfiStatus, exitData?: Uint8Array): void {
    this.enter('Exit', CALLBACK).images.exit(imageHandle, exitStatus, exitData);
  }

  unloadImage(imageHandle: EfiHandle): void {
    this.enter('UnloadImage', CALLBACK).images.unloadImage(imageHandle);
  }

  exitBootServices(_imageHandle: EfiHandle, mapKey: number): void {
    this.enter('ExitBootServices', APPLICATION).exitBootServices(this.caller.name, mapKey);
  }

  stall(microseconds: number): void {
    this.enterAtAnyTpl('Stall').platform.clock.delay(microseconds * 1000);
  }

  setWatchdogTimer(timeout: number): void {
    this.enter('SetWatchdogTimer').watchdog.set(timeout);
  }

  getNextMonotonicCount(): bigint {
    const { architecture } = this.enter('GetNextMonotonicCount');
    const counter = architecture.get(MonotonicCounterArchProtocol, 'GetNextMonotonicCount');
    return counter.getNextMonotonicCount();
  }

  installConfigurationTable(guid: Guid, table: unknown): void {
    this.enter('InstallConfigurationTable').configurationTable.install(guid, table);
  }

  calculateCrc32(data: Uint8Array): number {
    return this.enter('CalculateCrc32').calculateCrc32(data);
  }

  /** Where a service begins: whatever is not listed is for TPL_NOTIFY and lower (UEFI §7.1). */
  private enter(service: string, limit: number = NOTIFY): BootServicesParts {
    const parts = this.enterAtAnyTpl(service);
    parts.tplWatch.check(service, this.caller, limit);
    return parts;
  }

  /** A few plain loads, as every readBlocks comes here several times. */
  private enterAtAnyTpl(service: string): BootServicesParts {
    this.cycles.spend(SERVICE_COST);
    const parts = this.parts;
    const { barrier } = this.caller;
    if (parts.exit.endedBy !== undefined || barrier !== undefined) {
      refuseService(service, this.caller, parts.exit);
    }
    return parts;
  }
}
