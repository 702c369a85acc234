import type { Guid } from './guid.ts';
import { guid } from './guid.ts';

declare const interfaceType: unique symbol;

/**
 * A protocol's GUID with the type of its interface. Identity is the GUID, never the token object: two
 * tokens of one GUID name the same protocol.
 */
export interface Protocol<Interface> {
  readonly guid: Guid;
  /** The protocol's name in listings and traces, without EFI_ and _PROTOCOL: `BlockIo`. */
  readonly name: string;
  readonly [interfaceType]?: Interface;
}

/** A token for a protocol, ours or a user's: `defineProtocol<BlockIo>('BlockIo', '964e5b21-…')`. */
export function defineProtocol<Interface>(name: string, text: string): Protocol<Interface> {
  return { guid: guid(text), name };
}

/** A protocol and an interface of its type, as InstallMultipleProtocolInterfaces takes them. */
export interface ProtocolInterface<Interface = unknown> {
  readonly protocol: Protocol<Interface>;
  readonly interface: Interface;
}

/** Pairs a protocol with an interface of its type. */
export function protocolInterface<Interface>(
  protocol: Protocol<Interface>,
  instance: Interface,
): ProtocolInterface<Interface> {
  return { protocol, interface: instance };
}
