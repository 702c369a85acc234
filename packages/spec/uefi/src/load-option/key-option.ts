import { concatBytes, viewOf } from '../bytes.ts';
import { crc32 } from '../crc32.ts';
import { uint16, uint32 } from '../device-path/node.ts';
import type { Reading } from '../disk/reading.ts';
import { broken, sound } from '../disk/reading.ts';
import { EfiError } from '../status/efi-error.ts';

/** A key of a hot key, as EFI_INPUT_KEY has it (UEFI §12.3). */
export interface HotKey {
  readonly scanCode: number;
  /** A CHAR16; 0 for a key that has none. */
  readonly unicodeChar: number;
}

/** A key that is to be held down. */
export type HotKeyModifier = 'shift' | 'control' | 'alt' | 'logo' | 'menu' | 'sysReq';

/** By their bits in EFI_BOOT_KEY_DATA, from bit 8 on. */
const MODIFIERS: readonly HotKeyModifier[] = ['shift', 'control', 'alt', 'logo', 'menu', 'sysReq'];

/** EFI_KEY_OPTION: what a Key#### variable holds (UEFI §3.1.6). */
export interface KeyOption {
  /** 0 in this version of the specification. */
  readonly revision: number;
  readonly modifiers: readonly HotKeyModifier[];
  /** CRC-32 of the whole Boot#### variable: of another option, this is no hot key. */
  readonly bootOptionCrc: number;
  /** The number of the Boot#### variable. */
  readonly bootOption: number;
  /** At most three, to be pressed in this order. */
  readonly keys: readonly HotKey[];
}

const RESERVED = 0x3fffc000;
/** KeyData, BootOptionCrc and BootOption. */
const HEADER_LENGTH = 10;
const KEY_LENGTH = 4;
const MAXIMUM_KEYS = 3;

/** Reads a key option, and checks that its size is what its count of keys asks for. */
export function readKeyOption(bytes: Uint8Array): Reading<KeyOption> {
  if (bytes.length < HEADER_LENGTH) {
    return broken(`expected at least ${HEADER_LENGTH} bytes, found ${bytes.length}`);
  }
  const view = viewOf(bytes);
  const keyData = view.getUint32(0, true);
  const count = keyData >>> 30;
  const expected = HEADER_LENGTH + count * KEY_LENGTH;
  if (bytes.length !== expected) {
    return broken(`expected ${expected} bytes for ${count} keys, found ${bytes.length}`);
  }
  if ((keyData & RESERVED) !== 0) return broken('reserved bits of the key data are set');
  return sound({
    revision: keyData & 0xff,
    modifiers: MODIFIERS.filter((name) => (keyData & bitOf(name)) !== 0),
    bootOptionCrc: view.getUint32(4, true),
    bootOption: view.getUint16(8, true),
    keys: Array.from({ length: count }, (_, index) => ({
      scanCode: view.getUint16(HEADER_LENGTH + index * KEY_LENGTH, true),
      unicodeChar: view.getUint16(HEADER_LENGTH + index * KEY_LENGTH + 2, true),
    })),
  });
}

/**
 * The bytes of a key option.
 * @throws EFI_INVALID_PARAMETER for more than three keys, or a value that does not fit its field
 */
export function writeKeyOption(option: KeyOption): Uint8Array {
  const { revision, keys } = option;
  if (keys.length > MAXIMUM_KEYS) {
    throw new EfiError('EFI_INVALID_PARAMETER', `a hot key has 3 keys at most, not ${keys.length}`);
  }
  if (!(revision >= 0 && revision <= 0xff)) {
    throw new EfiError('EFI_INVALID_PARAMETER', `${revision} is no revision of 8 bits`);
  }
  const modifiers = option.modifiers.reduce((bits, name) => bits | bitOf(name), 0);
  return concatBytes(
    uint32(revision + modifiers + keys.length * 0x40000000),
    uint32(option.bootOptionCrc),
    uint16(option.bootOption),
    ...keys.flatMap((key) => [uint16(key.scanCode), uint16(key.unicodeChar)]),
  );
}

/**
 * A key option with the CRC-32 of its boot option, by which it is known that both belong together (UEFI §3.1.6).
 * @param key the data of a Key####
 * @param bootOption the data of its Boot####
 */
export function sealKeyOption(key: Uint8Array, bootOption: Uint8Array): Uint8Array {
  const sealed = key.slice();
  viewOf(sealed).setUint32(4, crc32(bootOption), true);
  return sealed;
}

function bitOf(modifier: HotKeyModifier): number {
  return 0x100 << MODIFIERS.indexOf(modifier);
}
