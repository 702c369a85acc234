import type { PhysicalAddress } from '@dxelab/uefi';

/** One range of RAM that this process holds. */
export interface RamRange {
  readonly base: PhysicalAddress;
  readonly bytes: Uint8Array;
}

/**
 * What holds the bytes of guest RAM. Values are little-endian. An access that is not wholly in RAM
 * throws a PlatformFault.
 */
export interface RamStorage {
  readUint8(address: PhysicalAddress): number;
  readUint16(address: PhysicalAddress): number;
  readUint32(address: PhysicalAddress): number;
  writeUint8(address: PhysicalAddress, value: number): void;
  writeUint16(address: PhysicalAddress, value: number): void;
  writeUint32(address: PhysicalAddress, value: number): void;
  readBytes(address: PhysicalAddress, target: Uint8Array): void;
  writeBytes(address: PhysicalAddress, source: Uint8Array): void;
  fill(address: PhysicalAddress, length: number, value: number): void;
  copy(destination: PhysicalAddress, source: PhysicalAddress, length: number): void;
}
