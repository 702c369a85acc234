import { VIRTIO_BLK_SECTOR_SIZE } from '@dxelab/virtio';
import { decrypt, encrypt } from './cipher.ts';

/** How a disk gets its bytes into a buffer. */
export interface Medium {
  /** What comes from the platters, for `length` bytes at byte `place`. */
  readonly load: (place: number, length: number) => Uint8Array;
  /** What is then done to it, where it lies in the driver's buffer. Absent: nothing. */
  readonly workInPlace?: (bytes: Uint8Array, place: number) => void;
}

/** Nobody has ever written to this disk: each sector says which one it is, over and over. */
function plaintext(place: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += VIRTIO_BLK_SECTOR_SIZE) {
    const text = `This is sector ${(place + at) / VIRTIO_BLK_SECTOR_SIZE}, as it always was. `;
    for (let index = 0; index < VIRTIO_BLK_SECTOR_SIZE; index++) {
      bytes[at + index] = text.charCodeAt(index % text.length);
    }
  }
  return bytes;
}

/** A disk whose bytes need only be copied. */
export const plain: Medium = { load: plaintext };

/** The same disk encrypted: ciphertext is read into the buffer, and decrypted there. */
export const encrypted: Medium = {
  load(place, length) {
    const bytes = plaintext(place, length);
    encrypt(bytes, place);
    return bytes;
  },
  workInPlace: decrypt,
};
