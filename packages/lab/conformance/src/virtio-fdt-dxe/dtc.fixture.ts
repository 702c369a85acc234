import { execFileSync, spawnSync } from 'node:child_process';

/** Why tests against the device tree compiler cannot run here; `undefined` if they can, or must. */
export function missingDtc(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = spawnSync('dtc', ['--version']).error !== undefined;
  return missing
    ? '[skipped: not installed: dtc (Debian package device-tree-compiler)]'
    : undefined;
}

/** What dtc makes of a source text. */
export function compileDts(source: string): Uint8Array {
  return new Uint8Array(
    execFileSync('dtc', ['-I', 'dts', '-O', 'dtb', '-q', '-q', '-'], {
      input: source,
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
}
