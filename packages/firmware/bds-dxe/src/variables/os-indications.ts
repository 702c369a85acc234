import type { VariableAccess } from './global-variables.ts';
import { deleteGlobal, readGlobal, writeLastingGlobal } from './global-variables.ts';

/** Bits of OsIndications (UEFI §8.5.4): all that can be asked for here is to recover. */
const EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY = 0x40n;
export const OS_INDICATIONS_SUPPORTED: Uint8Array = bytesOf(
  EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY,
);

/** OsIndications with a bit that is not supported is deleted (BdsFormalizeOSIndicationVariable of BdsEntry.c). */
export function checkOsIndications(rs: VariableAccess): void {
  const data = readGlobal(rs, 'OsIndications');
  if (data === undefined) return;
  const isSound =
    data.length === 8 && (numberOf(data) & ~EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY) === 0n;
  if (!isSound) deleteGlobal(rs, 'OsIndications');
}

/** Whether the system asked for platform recovery in place of a boot; it is asked for once. */
export function takeRecoveryIndication(rs: VariableAccess): boolean {
  const data = readGlobal(rs, 'OsIndications');
  if (data === undefined) return false;
  const indications = numberOf(data);
  if ((indications & EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY) === 0n) return false;
  const left = indications & ~EFI_OS_INDICATIONS_START_PLATFORM_RECOVERY;
  writeLastingGlobal(rs, 'OsIndications', bytesOf(left));
  return true;
}

function numberOf(data: Uint8Array): bigint {
  return data.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function bytesOf(bits: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return bytes;
}
