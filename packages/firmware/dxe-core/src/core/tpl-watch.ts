import type { EventServices } from '../event/event-services.ts';
import type { ImageCaller } from '../image/image-caller.ts';
import type { FirmwareFinding } from './firmware-finding.ts';

const NAMES: Readonly<Record<number, string>> = {
  4: 'TPL_APPLICATION',
  7: 'below TPL_CALLBACK',
  8: 'TPL_CALLBACK',
  16: 'TPL_NOTIFY',
  30: 'below TPL_HIGH_LEVEL',
  31: 'TPL_HIGH_LEVEL',
};

/**
 * Watches at which level services are called (UEFI §7.1, table of TPL restrictions). The standard
 * defines no status for a breach and EDK II lets it pass, so that it is a finding, and the service
 * goes on.
 */
export class TplWatch {
  private readonly events: EventServices;
  private readonly onFinding: ((finding: FirmwareFinding) => void) | undefined;

  constructor(events: EventServices, onFinding: ((finding: FirmwareFinding) => void) | undefined) {
    this.events = events;
    this.onFinding = onFinding;
  }

  /**
   * @param service as UEFI spells it
   * @param limit the highest level allowed
   */
  check(service: string, caller: ImageCaller, limit: number): void {
    if (this.events.currentTpl > limit) this.report(service, caller, limit);
  }

  private report(service: string, caller: ImageCaller, limit: number): void {
    const tpl = this.events.currentTpl;
    const message =
      `${caller.name} called ${service} at ${NAMES[tpl] ?? `TPL ${tpl}`}; ` +
      `its limit is ${NAMES[limit] ?? `TPL ${limit}`}`;
    this.onFinding?.({
      rule: 'UEFI 7.1',
      image: caller.name,
      message,
      fields: { service, tpl, limit },
    });
  }
}
