/**
 * A boot service was called after ExitBootServices, through a reference that was kept. No status says
 * that, so none is thrown: it is a bug of the caller.
 */
export class BootServicesEnded extends Error {
  override readonly name = 'BootServicesEnded';

  /**
   * @param service as UEFI spells it
   * @param caller the image that called
   * @param endedBy the image that ended boot services
   */
  constructor(service: string, caller: string, endedBy: string) {
    super(`${caller} called ${service} after ${endedBy} had ended boot services`);
  }
}
