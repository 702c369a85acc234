import { encrypted } from './medium.ts';
import { ParallelDisk } from './parallel-disk.ts';

/** Each read copies ciphertext into the buffer, and decrypts it there. */
export const createDevice = (): ParallelDisk => new ParallelDisk(encrypted);
