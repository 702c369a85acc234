import type { Guid } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  CpuArchProtocol,
  MetronomeArchProtocol,
  ResetArchProtocol,
  TimerArchProtocol,
} from '@dxelab/uefi';
import type { Depex } from '@dxelab/uefi-lib';

/** Whether a protocol is installed, on whatever handle. */
export type IsInstalled = (guid: Guid) => boolean;

/**
 * What a module without a dependency expression waits for: the architectural protocols. EDK II asks
 * for thirteen; the other eight (Security, WatchdogTimer, Runtime, Variable, VariableWrite, Capsule,
 * MonotonicCounter, RealTimeClock) stand for services that this firmware does not model yet, so
 * nobody installs them. PI 1.9 Vol. 2 §10.7; MdeModulePkg/Core/Dxe/DxeMain/DxeProtocolNotify.c.
 */
export const ALL_EFI_SERVICES_AVAILABLE: Depex = {
  op: 'AND',
  operands: [
    { op: 'PUSH', protocol: CpuArchProtocol },
    { op: 'PUSH', protocol: MetronomeArchProtocol },
    { op: 'PUSH', protocol: TimerArchProtocol },
    { op: 'PUSH', protocol: ResetArchProtocol },
    { op: 'PUSH', protocol: BdsArchProtocol },
  ],
};

/**
 * Whether a dependency expression holds. Like EDK II's stack machine it looks at every operand.
 * BEFORE and AFTER never hold by themselves: another module's turn is theirs. Nor does SOR: the dispatcher
 * takes it away when the module is asked for.
 * MdeModulePkg/Core/Dxe/Dispatcher/Dependency.c.
 */
export function depexHolds(depex: Depex, isInstalled: IsInstalled): boolean {
  return unmetPart(depex, isInstalled) === undefined;
}

/** The part of an expression for whose sake it does not hold; `undefined` if it does. */
export function unmetPart(depex: Depex, isInstalled: IsInstalled): Depex | undefined {
  switch (depex.op) {
    case 'TRUE':
      return undefined;
    case 'PUSH':
      return isInstalled(depex.protocol.guid) ? undefined : depex;
    case 'NOT':
      return unmetPart(depex.operand, isInstalled) === undefined ? depex : undefined;
    case 'AND': {
      const unmet = unmetOperands(depex.operands, isInstalled);
      return unmet.length > 1 ? { op: 'AND', operands: unmet } : unmet[0];
    }
    case 'OR': {
      const unmet = unmetOperands(depex.operands, isInstalled);
      return unmet.length < depex.operands.length ? undefined : { op: 'OR', operands: unmet };
    }
    case 'FALSE':
    case 'SOR':
    case 'BEFORE':
    case 'AFTER':
    default:
      return depex;
  }
}

function unmetOperands(operands: readonly Depex[], isInstalled: IsInstalled): readonly Depex[] {
  return operands
    .map((operand) => unmetPart(operand, isInstalled))
    .filter((unmet) => unmet !== undefined);
}

/**
 * An expression as an INF spells it: `CpuArch AND (TimerArch OR ResetArch)`.
 * @param moduleName the name of a module by its FILE_GUID
 */
export function depexText(depex: Depex, moduleName: (fileGuid: Guid) => string): string {
  switch (depex.op) {
    case 'TRUE':
    case 'FALSE':
      return depex.op;
    case 'PUSH':
      return depex.protocol.name;
    case 'BEFORE':
    case 'AFTER':
      return `${depex.op} ${moduleName(depex.fileGuid)}`;
    case 'NOT':
      return `NOT ${operandText(depex.operand, moduleName)}`;
    case 'SOR':
      return `SOR ${depexText(depex.operand, moduleName)}`;
    case 'AND':
    case 'OR':
    default:
      return depex.operands
        .map((operand) => operandText(operand, moduleName))
        .join(` ${depex.op} `);
  }
}

function operandText(operand: Depex, moduleName: (fileGuid: Guid) => string): string {
  const text = depexText(operand, moduleName);
  return operand.op === 'AND' || operand.op === 'OR' ? `(${text})` : text;
}
