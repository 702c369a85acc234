import { EfiError } from '../../status/efi-error.ts';

// IP addresses as text (UEFI §10.6.1.6, "Parameter Types"), bytes in network order.

/** An address and, if it is not 0, a port: `10.0.2.2:80`, `[fe80::1]:80`. */
export interface IpEndpoint {
  readonly address: Uint8Array;
  readonly port: number;
}

const IPV4_ENDPOINT = /^([^:]*)(?::(\d+))?$/;
const IPV6_ENDPOINT = /^\[(.*)\](?::(\d+))?$/;

/** `10.0.2.2` */
export function ipv4ToText(address: Uint8Array): string {
  return address.join('.');
}

/** @throws EFI_INVALID_PARAMETER */
export function ipv4FromText(text: string): Uint8Array {
  const bytes = text.trim().split('.').map(Number);
  const isAddress =
    /^\s*\d{1,3}(?:\.\d{1,3}){3}\s*$/.test(text) && bytes.every((byte) => byte <= 255);
  if (!isAddress) throw wrong(`expected an IPv4 address, found "${text}"`);
  return Uint8Array.from(bytes);
}

/** All eight groups with all their digits: a form that every reader accepts. */
export function ipv6ToText(address: Uint8Array): string {
  const digits = Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.match(/.{4}/g)?.join(':') ?? '';
}

/** RFC 4291 §2.2: `::` once for a run of zero groups. @throws EFI_INVALID_PARAMETER */
export function ipv6FromText(text: string): Uint8Array {
  const [head = '', tail, ...others] = text.trim().split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = 8 - before.length - after.length;
  const isComplete = tail === undefined ? missing === 0 : missing > 0;
  if (others.length > 0 || !isComplete) throw wrong(`expected an IPv6 address, found "${text}"`);
  const zeros = Array.from({ length: missing }, () => 0);
  const groups = [...before, ...zeros, ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** An IPv4 address, or `address:port`. @throws EFI_INVALID_PARAMETER */
export function ipv4EndpointFromText(text: string): IpEndpoint {
  const [, address = text, port = '0'] = IPV4_ENDPOINT.exec(text.trim()) ?? [];
  return { address: ipv4FromText(address), port: Number(port) };
}

/** An IPv6 address, or `[address]:port`. @throws EFI_INVALID_PARAMETER */
export function ipv6EndpointFromText(text: string): IpEndpoint {
  const [, address = text, port = '0'] = IPV6_ENDPOINT.exec(text.trim()) ?? [];
  return { address: ipv6FromText(address), port: Number(port) };
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').map((group) => {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) throw wrong(`"${group}" is no group of an IPv6 address`);
    return Number.parseInt(group, 16);
  });
}

function wrong(message: string): EfiError {
  return new EfiError('EFI_INVALID_PARAMETER', message);
}
