import { WatchdogTimerArchProtocol } from '@dxelab/uefi';
import type { Architecture } from '../core/architecture.ts';

/** The watchdog counts units of 100 ns. */
const UNITS_PER_SECOND = 10_000_000;

/** SetWatchdogTimer (UEFI §7.5.1). MdeModulePkg/Core/Dxe/Misc/SetWatchdogTimer.c. */
export class Watchdog {
  readonly #architecture: Architecture;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  /**
   * Any code is taken: the reserved ones are the firmware's own, and nothing tells who calls.
   * @param timeout in seconds; 0 disarms
   * @throws EFI_NOT_AVAILABLE_YET, EFI_DEVICE_ERROR
   */
  set(timeout: number): void {
    const watchdog = this.#architecture.get(WatchdogTimerArchProtocol, 'SetWatchdogTimer');
    watchdog.setTimerPeriod(timeout * UNITS_PER_SECOND);
  }
}
