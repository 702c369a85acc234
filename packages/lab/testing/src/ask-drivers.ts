import type { DxeCore } from '@dxelab/dxe-core';
import type {
  EfiDriverDiagnosticType,
  EfiDriverHealthStatus,
  EfiHandle,
  EfiStatus,
  Protocol,
} from '@dxelab/uefi';
import {
  DriverDiagnostics2Protocol,
  DriverHealthProtocol,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_GET_PROTOCOL,
  isEfiFailure,
} from '@dxelab/uefi';

/** What a driver found out about a controller. */
export interface Diagnosis {
  readonly driver: string;
  /** EFI_SUCCESS if there is nothing wrong. */
  readonly status: EfiStatus;
  /** What the driver says, or why it failed. */
  readonly text: string;
}

/** What a driver says of the health of a controller. */
export interface Health {
  readonly driver: string;
  readonly status: EfiDriverHealthStatus;
  readonly messages: readonly string[];
}

/**
 * Has each driver that manages a controller and has EFI_DRIVER_DIAGNOSTICS2_PROTOCOL try it (UEFI §11.6). In EDK II
 * only the shell does so: ShellPkg/Library/UefiShellDriver1CommandsLib/DrvDiag.c.
 */
export function diagnose(
  core: DxeCore,
  controller: EfiHandle,
  child: EfiHandle | undefined,
  type: EfiDriverDiagnosticType,
): readonly Diagnosis[] {
  return managersWith(core, controller, DriverDiagnostics2Protocol).map(
    ({ driver, interface: diagnostics }) => {
      // the first of its languages: the text is for a test to read
      const [language = 'en'] = diagnostics.supportedLanguages.split(';');
      try {
        const { text } = diagnostics.runDiagnostics(controller, child, type, language);
        return { driver, status: 'EFI_SUCCESS', text };
      } catch (caught) {
        if (!isEfiFailure(caught)) throw caught;
        return { driver, status: caught.status, text: caught.message };
      }
    },
  );
}

/** Asks each driver that manages a controller and has EFI_DRIVER_HEALTH_PROTOCOL how it is (UEFI §11.10). */
export function healthOf(
  core: DxeCore,
  controller: EfiHandle,
  child: EfiHandle | undefined,
): readonly Health[] {
  return managersWith(core, controller, DriverHealthProtocol).flatMap(
    ({ driver, interface: health }) => {
      try {
        return { driver, ...health.getHealthStatus(controller, child) };
      } catch (caught) {
        // of a controller that is not the driver's it says nothing
        if (!isEfiFailure(caught)) throw caught;
        return [];
      }
    },
  );
}

/** The drivers that manage a controller, as far as their binding handles have this protocol. */
function managersWith<Interface>(
  core: DxeCore,
  controller: EfiHandle,
  protocol: Protocol<Interface>,
): readonly { readonly driver: string; readonly interface: Interface }[] {
  const { bootServices: bs } = core.systemTable;
  const opens = core.handles().find(({ handle }) => handle === controller)?.protocols ?? [];
  const agents = opens.flatMap((one) =>
    one.opens.flatMap(({ attributes, agentHandle }) =>
      (attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) === 0 ? [] : (agentHandle ?? []),
    ),
  );
  return [...new Set(agents)].flatMap((agent) => {
    const how = EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    const found = bs.tryOpenProtocol(agent, protocol, core.labImage, undefined, how).interface;
    const driver = core.nameOf(agent) ?? `handle ${agent.number}`;
    return found === undefined ? [] : { driver, interface: found };
  });
}
