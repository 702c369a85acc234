/** Not a scheme of the web's: only the hooks of this package know it. */
const SCHEME = 'dxelab-package:';

/** A package by its name, and where it is looked for. */
export interface NamedPackage {
  readonly name: string;
  /** The URL of the file that names it. */
  readonly base: string;
}

/**
 * What to import so that a package is found from another file than the one that imports it, which
 * `import` alone cannot do on Node 20.
 */
export function packageSpecifier({ name, base }: NamedPackage): string {
  return `${SCHEME}${encodeURIComponent(base)}/${encodeURIComponent(name)}`;
}

/** Undoes `packageSpecifier`; any other specifier is none. */
export function namedPackage(specifier: string): NamedPackage | undefined {
  if (!specifier.startsWith(SCHEME)) return undefined;
  const [base = '', name = ''] = specifier.slice(SCHEME.length).split('/').map(decodeURIComponent);
  return { name, base };
}
