import type { VariableAccess } from './global-variables.ts';
import {
  deleteGlobal,
  readGlobal,
  writeLastingGlobal,
  writeVolatileGlobal,
} from './global-variables.ts';

/** Bits of OsIndications (UEFI §8.5.4): what can be asked for here. */
const EFI_OS_INDICATIONS_BOOT_TO_FW_UI = 0x01n;
const EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY = 0x40n;

/** What the system asked for in place of a boot. */
export interface OsIndications {
  readonly wantsMenu: boolean;
  readonly wantsRecovery: boolean;
}

/**
 * Says in OsIndicationsSupported what can be asked for, and deletes an OsIndications with another bit
 * (BdsFormalizeOSIndicationVariable of BdsEntry.c).
 * @param hasMenu whether there is a boot menu
 */
export function checkOsIndications(rs: VariableAccess, hasMenu: boolean): void {
  const supported =
    EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY + (hasMenu ? EFI_OS_INDICATIONS_BOOT_TO_FW_UI : 0n);
  writeVolatileGlobal(rs, 'OsIndicationsSupported', bytesOf(supported));
  const data = readGlobal(rs, 'OsIndications');
  if (data === undefined) return;
  const isSound = data.length === 8 && (numberOf(data) & ~supported) === 0n;
  if (!isSound) deleteGlobal(rs, 'OsIndications');
}

/** What the system asks for: it is asked for once. */
export function takeOsIndications(rs: VariableAccess): OsIndications {
  const indications = numberOf(readGlobal(rs, 'OsIndications') ?? new Uint8Array(0));
  const wantsMenu = (indications & EFI_OS_INDICATIONS_BOOT_TO_FW_UI) !== 0n;
  const wantsRecovery = (indications & EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY) !== 0n;
  if (wantsMenu || wantsRecovery) {
    const taken = EFI_OS_INDICATIONS_BOOT_TO_FW_UI | EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY;
    writeLastingGlobal(rs, 'OsIndications', bytesOf(indications & ~taken));
  }
  return { wantsMenu, wantsRecovery };
}

function numberOf(data: Uint8Array): bigint {
  return data.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bytesOf(bits: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return bytes;
}
