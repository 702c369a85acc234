import { existsSync, readFileSync } from 'node:fs';

/** Debian's variable stores with Microsoft's keys: real OVMF has booted on them. */
const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.ms.fd';

/** Why tests on a store of real firmware cannot run here; `undefined` if they can, or must. */
export function missingOvmfVars(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1' || existsSync(OVMF_VARS)) return undefined;
  return `[skipped: not installed: ${OVMF_VARS} (Debian package ovmf)]`;
}

/** The bytes of that store. */
export function readOvmfVars(): Uint8Array {
  return Uint8Array.from(readFileSync(OVMF_VARS));
}
