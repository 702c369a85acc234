import type { HostBuffer } from '../buffer.ts';
import type { Guid } from '../guid.ts';
import { guid } from '../guid.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** Generators of NIST SP 800-90 (UEFI §37.5). */
export const EFI_RNG_ALGORITHM_SP800_90_HASH_256: Guid = guid(
  'a7af67cb-603b-4d42-ba21-70bfb6293f96',
);
export const EFI_RNG_ALGORITHM_SP800_90_HMAC_256: Guid = guid(
  'c5149b43-ae85-4f53-9982-b94335d3a9e7',
);
export const EFI_RNG_ALGORITHM_SP800_90_CTR_256: Guid = guid(
  '44f0de6e-4d8c-4045-a8c7-4dd168856b9e',
);
/** Generators of ANSI X9.31 (UEFI §37.5). */
export const EFI_RNG_ALGORITHM_X9_31_3DES: Guid = guid('63c4785a-ca34-4012-a3c8-0b6a324f5546');
export const EFI_RNG_ALGORITHM_X9_31_AES: Guid = guid('acd03321-777e-4d3d-b1c8-20cfd88820c9');
/** Entropy as its source has it, without a generator behind it (UEFI §37.5). */
export const EFI_RNG_ALGORITHM_RAW: Guid = guid('e43176d7-b6e8-4827-b784-7ffdc4b68561');
/** What the RNDR instruction of an Arm CPU delivers (UEFI §37.5). */
export const EFI_RNG_ALGORITHM_ARM_RNDR: Guid = guid('43d2fde3-9d4e-4d79-0296-a89bca780841');

/** EFI_RNG_PROTOCOL: random bytes (UEFI §37.5). */
export interface EfiRng {
  /**
   * The algorithms that there are, the default one first: always the same.
   * @throws EFI_UNSUPPORTED, EFI_DEVICE_ERROR
   */
  getInfo(): readonly Guid[];
  /**
   * Fills all of `value`.
   * @param algorithm `undefined` for the default one
   * @throws EFI_INVALID_PARAMETER if `value` is empty, EFI_UNSUPPORTED for an algorithm that there is
   *   not, EFI_NOT_READY if there is not enough entropy now, EFI_DEVICE_ERROR
   */
  getRng(algorithm: Guid | undefined, value: HostBuffer): void;
}

/** By which EFI_RNG_PROTOCOL (UEFI §37.5) is found. */
export const RngProtocol: Protocol<EfiRng> = defineProtocol(
  'Rng',
  '3152bca5-eade-433d-862e-c01cdc291f44',
);
