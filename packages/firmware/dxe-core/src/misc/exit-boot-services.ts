import {
  EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES,
  EFI_EVENT_GROUP_EXIT_BOOT_SERVICES,
  EFI_SOFTWARE_EFI_BOOT_SERVICE,
  EFI_SW_BS_PC_EXIT_BOOT_SERVICES,
} from '@dxelab/uefi';
import type { Quirks } from '@dxelab/uefi-lib';
import type { StatusCodes } from '../core/status-codes.ts';
import type { EventServices } from '../event/event-services.ts';
import type { MemoryServices } from '../mem/memory-services.ts';

/** ExitBootServices (UEFI §7.4.6). MdeModulePkg/Core/Dxe/DxeMain/DxeMain.c, CoreExitBootServices. */
export class ExitBootServices {
  readonly #events: EventServices;
  readonly #memory: MemoryServices;
  readonly #statusCodes: StatusCodes;
  readonly #stopsTimerFirst: boolean;
  #announced = false;
  /** The name of the image that ended boot services; absent while they exist. */
  endedBy: string | undefined = undefined;

  constructor(
    events: EventServices,
    memory: MemoryServices,
    statusCodes: StatusCodes,
    quirks: Quirks,
  ) {
    this.#events = events;
    this.#memory = memory;
    this.#statusCodes = statusCodes;
    this.#stopsTimerFirst = quirks.has('DxeCore.ExitBootServicesStopsTimerFirst');
  }

  /**
   * Ends boot services, if the caller knows the memory map as it is now. BeforeExitBootServices is
   * signalled at the first call, whatever becomes of it: its members may still change the map.
   * @throws EFI_INVALID_PARAMETER for the key of another map
   */
  exit(caller: string, mapKey: number): void {
    if (!this.#announced) {
      this.#announced = true;
      this.#events.signalGroup(EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES);
    }
    if (this.#stopsTimerFirst) this.#events.stopTimers();
    this.#memory.checkMapKey(mapKey);
    this.#events.stopTimers();
    this.#events.signalGroup(EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
    this.#statusCodes.progress(EFI_SOFTWARE_EFI_BOOT_SERVICE | EFI_SW_BS_PC_EXIT_BOOT_SERVICES);
    this.#events.stopInterrupts();
    this.endedBy = caller;
  }
}
