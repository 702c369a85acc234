import type { Guid } from '../../guid.ts';
import { guid } from '../../guid.ts';
import { EfiError } from '../../status/efi-error.ts';

const INTEGER = /^(?:0x[0-9a-f]+|[0-9]+)$/i;
const HEX_DUMP = /^(?:[0-9a-f]{2})*$/i;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The arguments of a node's text, taken one after the other. Every taker throws EFI_INVALID_PARAMETER. */
export class NodeArguments {
  readonly #args: readonly string[];
  #next = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /** The argument as it stands; with a default, it may be absent or empty. */
  text(what: string, absent?: string): string {
    const given = this.#args[this.#next] ?? '';
    this.#next += 1;
    const value = given === '' ? absent : given;
    if (value === undefined) throw wrong(`argument ${this.#next}: expected ${what}, found nothing`);
    return value;
  }

  /** A number, decimal or with 0x hexadecimal, of any size. */
  bigint(absent?: bigint): bigint {
    return this.#integer(this.text('a number', absent?.toString()));
  }

  /** A number, decimal or with 0x hexadecimal; its node knows how large it may be. */
  number(absent?: number): number {
    return Number(this.bigint(absent === undefined ? undefined : BigInt(absent)));
  }

  /** One of some words, or the number that it stands for. */
  keyword(words: Readonly<Record<string, number>>, absent?: number): number {
    const what = `${Object.keys(words).join(', ')} or a number`;
    return this.numberOr(what, (text) => wordValue(words, text), absent);
  }

  /** A text of another notation for a number, or the number. */
  numberOr(what: string, decode: (text: string) => number | undefined, absent?: number): number {
    const text = this.text(what, absent?.toString());
    return decode(text) ?? Number(this.#integer(text, what));
  }

  guid(): Guid {
    return guid(this.#matching(GUID, 'a GUID'));
  }

  /** Bytes, two digits each; none if the argument is absent. */
  dump(): Uint8Array {
    return fromHex(this.#matching(HEX_DUMP, 'pairs of hexadecimal digits', ''));
  }

  /** So many bytes, two digits each. */
  bytes(length: number, prefix = ''): Uint8Array {
    const digits = new RegExp(`^${prefix}[0-9a-f]{${length * 2}}$`, 'i');
    return fromHex(this.#matching(digits, `${length * 2} hexadecimal digits`).slice(prefix.length));
  }

  /** The argument that comes next, untaken; empty if there is none. */
  get next(): string {
    return this.#args[this.#next] ?? '';
  }

  /** So many hexadecimal digits. */
  digits(count: number): string {
    return this.#matching(new RegExp(`^[0-9a-f]{${count}}$`, 'i'), `${count} hexadecimal digits`);
  }

  /** Whether arguments are left. */
  get more(): boolean {
    return this.#next < this.#args.length;
  }

  /** Everything was taken. @throws EFI_INVALID_PARAMETER if something is left over */
  end(): void {
    if (this.more) {
      throw wrong(`expected ${this.#next} arguments, found ${this.#args.length}`);
    }
  }

  #matching(pattern: RegExp, what: string, absent?: string): string {
    const text = this.text(what, absent).trim();
    if (pattern.test(text)) return text;
    throw wrong(`argument ${this.#next}: expected ${what}, found "${text}"`);
  }

  #integer(given: string, what = 'a number'): bigint {
    const text = given.trim();
    if (INTEGER.test(text)) return BigInt(text.toLowerCase());
    throw wrong(`argument ${this.#next}: expected ${what}, found "${text}"`);
  }
}

function wordValue(words: Readonly<Record<string, number>>, text: string): number | undefined {
  return Object.hasOwn(words, text) ? words[text] : undefined;
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

function wrong(message: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', message);
}
