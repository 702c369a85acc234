import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** EFI programs that Debian ships, as its build made them: not signed. */
export const PROGRAMS: readonly string[] = [
  '/usr/lib/systemd/boot/efi/systemd-bootx64.efi',
  '/usr/lib/systemd/boot/efi/linuxx64.efi.stub',
  '/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi',
  '/usr/lib/shim/shimx64.efi',
  '/usr/lib/shim/fbx64.efi',
  '/usr/lib/shim/mmx64.efi',
];

/** Of Debian's binutils. */
const OBJDUMP = 'objdump';

/** Why the comparison cannot run here; `undefined` if it can, or if it must. */
export function missingPrograms(): string | undefined {
  if (process.env['DXELAB_REQUIRE_TOOLS'] === '1') return undefined;
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  if (spawnSync(OBJDUMP, ['--version']).error !== undefined) missing.push(OBJDUMP);
  return missing.length === 0 ? undefined : `[skipped: not installed: ${missing.join(', ')}]`;
}

/** A section as `objdump -h` lists it. */
export interface DumpedSection {
  readonly name: string;
  readonly size: number;
  readonly address: number;
  readonly fileOffset: number;
}

/** What `objdump` says of an image. */
export interface Dump {
  /** The line `name value` of the headers, as a number. */
  field(name: string): number;
  readonly sections: readonly DumpedSection[];
  /** Where an address stands that is to be relocated, by the word for its kind. */
  readonly relocations: readonly { readonly address: number; readonly kind: string }[];
}

const SECTION =
  /^ *\d+ (?<name>\S+) +(?<size>[0-9a-f]{8}) +(?<address>[0-9a-f]{16}) +[0-9a-f]{16} +(?<offset>[0-9a-f]{8})/gm;
const RELOCATION = /^\treloc +\d+ offset +[0-9a-f]+ \[ *(?<address>[0-9a-f]+)\] (?<kind>\w+)/gm;

const hex = (text: string | undefined): number => Number.parseInt(text ?? '', 16);

export function objdump(path: string): Dump {
  const text = execFileSync(OBJDUMP, ['-p', '-h', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return {
    field(name) {
      const value = new RegExp(`^${name}\\s+(?:0x)?(?<value>[0-9a-f]+)`, 'm').exec(text);
      if (value === null) throw new Error(`objdump says nothing of ${name} in ${path}`);
      return hex(value.groups?.['value']);
    },
    sections: Array.from(text.matchAll(SECTION), ({ groups }) => ({
      name: groups?.['name'] ?? '',
      size: hex(groups?.['size']),
      address: hex(groups?.['address']),
      fileOffset: hex(groups?.['offset']),
    })),
    relocations: Array.from(text.matchAll(RELOCATION), ({ groups }) => ({
      address: hex(groups?.['address']),
      kind: groups?.['kind'] ?? '',
    })),
  };
}
