import type { EfiHandle, Guid, OpenProtocolInformationEntry } from '@dxelab/uefi';
import type { InstalledInterface } from './protocol-entry.ts';

/** One protocol of a handle as a report sees it. */
export interface ProtocolSnapshot {
  readonly guid: Guid;
  readonly name: string;
  readonly interface: unknown;
  /** Who has it open, oldest first. */
  readonly opens: readonly OpenProtocolInformationEntry[];
}

/** One handle as a report sees it. */
export interface HandleSnapshot {
  readonly handle: EfiHandle;
  /** Newest first, as ProtocolsPerHandle lists them. */
  readonly protocols: readonly ProtocolSnapshot[];
}

/** A copy of what the database knows of a handle: it does not change any more. */
export function snapshotOf(record: {
  readonly handle: EfiHandle;
  readonly interfaces: readonly InstalledInterface[];
}): HandleSnapshot {
  return { handle: record.handle, protocols: record.interfaces.map(protocolSnapshot) };
}

function protocolSnapshot(installed: InstalledInterface): ProtocolSnapshot {
  const { guid, name } = installed.entry;
  return { guid, name, interface: installed.interface, opens: openInformation(installed) };
}

/** EFI_OPEN_PROTOCOL_INFORMATION_ENTRY of every open record (UEFI 2.11 §7.3.11), oldest first. */
export function openInformation(
  installed: InstalledInterface,
): readonly OpenProtocolInformationEntry[] {
  return installed.opens.records().map((record) => ({ ...record }));
}
