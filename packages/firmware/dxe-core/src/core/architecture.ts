import type { Protocol } from '@dxelab/uefi';
import { EfiError } from '@dxelab/uefi';
import type { ProtocolServices } from '../hand/protocol-services.ts';

/** The modules behind the services that the core does not provide itself (PI Vol. 2 §12). */
export class Architecture {
  private readonly protocols: ProtocolServices;

  constructor(protocols: ProtocolServices) {
    this.protocols = protocols;
  }

  /**
   * The functions that a module has installed.
   * @param service as UEFI spells it, for the message
   * @throws EFI_NOT_AVAILABLE_YET if there is no such module
   */
  get<Functions>(protocol: Protocol<Functions>, service: string): Functions {
    // not by LocateProtocol: these services may be called at a TPL that its lock does not allow
    const installed = this.protocols.database.findEntry(protocol)?.first;
    if (installed !== undefined) return installed.interface;
    throw new EfiError(
      'EFI_NOT_AVAILABLE_YET',
      `${service}: no module has installed ${protocol.name}`,
    );
  }
}
