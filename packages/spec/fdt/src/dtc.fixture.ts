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
export function compileDts(source: string, ...options: readonly string[]): Uint8Array {
  return dtc(['-I', 'dts', '-O', 'dtb', ...options], source);
}

/** The source text that dtc makes of a flattened tree, its properties and nodes sorted. */
export function decompileDtb(tree: Uint8Array): string {
  return new TextDecoder().decode(dtc(['-I', 'dtb', '-O', 'dts', '-s'], tree));
}

function dtc(parameters: readonly string[], input: string | Uint8Array): Uint8Array {
  const quiet = ['-q', '-q', '-'];
  return new Uint8Array(
    execFileSync('dtc', [...parameters, ...quiet], { input, stdio: ['pipe', 'pipe', 'pipe'] }),
  );
}
