import type { DxeCore } from '@dxelab/dxe-core';
import {
  EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER,
  EFI_OPEN_PROTOCOL_BY_DRIVER,
  EFI_OPEN_PROTOCOL_EXCLUSIVE,
} from '@dxelab/uefi';
import type { OpenProtocolInformationEntry } from '@dxelab/uefi';

/** Opens that must be closed again; the others are only notes about who looked (UEFI §7.3.9). */
const BINDING =
  EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_EXCLUSIVE | EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;

/**
 * What a firmware has at one moment: handles, protocols on them, and open records, and the memory and
 * the events of the drivers under test; in words, each unique.
 */
export type Inventory = ReadonlySet<string>;

/** Something that is there and was not before. */
export interface Leak {
  /** In words: what, and whose it is if that is known. */
  readonly what: string;
}

/** What is left of drivers that were stopped. */
export interface LeakReport {
  readonly leaks: readonly Leak[];
}

/**
 * Counts what there is.
 * @param drivers whose memory and events count; others may keep what they like, such as a cache
 */
export function takeInventory(core: DxeCore, drivers: ReadonlySet<string>): Inventory {
  const holdings = new Set<string>();
  const { memory, events } = core.holdings();
  for (const { image, address, length } of memory) {
    if (!drivers.has(image)) continue;
    holdings.add(`${length} bytes of memory at 0x${address.toString(16)}, allocated by ${image}`);
  }
  for (const { image, number } of events) {
    if (drivers.has(image)) holdings.add(`event ${number}, created by ${image}`);
  }
  for (const { handle, protocols } of core.handles()) {
    const owner = `handle ${handle.number}`;
    for (const { name, opens } of protocols) {
      holdings.add(`${name} on ${owner}`);
      for (const open of opens) {
        if ((open.attributes & BINDING) !== 0) {
          holdings.add(`${name} on ${owner} is open ${howOpen(core, open)}`);
        }
      }
    }
  }
  return holdings;
}

/** An inventory, with what came between two others added to it. */
export function addedBetween(known: Inventory, before: Inventory, after: Inventory): Inventory {
  return new Set([...known, ...[...after].filter((holding) => !before.has(holding))]);
}

/** What is in the second inventory and was not in the first. */
export function leaksBetween(before: Inventory, after: Inventory): LeakReport {
  return {
    leaks: [...after].filter((holding) => !before.has(holding)).map((what) => ({ what })),
  };
}

function howOpen(
  core: DxeCore,
  { agentHandle, controllerHandle, attributes }: OpenProtocolInformationEntry,
): string {
  const agent =
    agentHandle === undefined
      ? 'nobody'
      : (core.nameOf(agentHandle) ?? `handle ${agentHandle.number}`);
  const how = [
    ...((attributes & EFI_OPEN_PROTOCOL_BY_DRIVER) === 0 ? [] : ['BY_DRIVER']),
    ...((attributes & EFI_OPEN_PROTOCOL_EXCLUSIVE) === 0 ? [] : ['EXCLUSIVE']),
    ...((attributes & EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) === 0 ? [] : ['BY_CHILD_CONTROLLER']),
  ];
  const whom = controllerHandle === undefined ? '' : ` for handle ${controllerHandle.number}`;
  return `${how.join(' | ')} by ${agent}${whom}`;
}
