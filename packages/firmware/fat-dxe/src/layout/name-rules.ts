/** Of one component, in UTF-16 units (FAT specification, "Long File Name Limits"). */
const MAX_NAME_LENGTH = 255;
/** What FAT keeps out of every name, besides control characters. */
const FORBIDDEN = '"*/:<>?\\|';

/** Whether a name may stand in a directory. */
export function isLegalName(name: string): boolean {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) return false;
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) < 0x20 || FORBIDDEN.includes(name.charAt(index))) return false;
  }
  return true;
}

/**
 * The name that a component of a path means: leading spaces and trailing spaces and dots do not count.
 * `undefined` when no file can have it. FatPkg/EnhancedFatDxe/FileName.c: FatFileNameIsValid.
 */
export function cleanName(component: string): string | undefined {
  const name = component.replace(/^ +/, '').replace(/[ .]+$/, '');
  return isLegalName(name) ? name : undefined;
}
