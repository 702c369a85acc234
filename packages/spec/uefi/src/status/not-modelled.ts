/**
 * A service or a protocol member that dxelab does not model yet. Nothing is faked: it never returns
 * success having done nothing, and it is no status that firmware could mistake for an answer.
 */
export class NotModelledError extends Error {
  override readonly name = 'NotModelledError';

  /** @param service as the specification spells it: `EFI_BOOT_SERVICES.SetWatchdogTimer` */
  constructor(service: string) {
    super(`${service} is not modelled`);
  }
}
