import { plain } from './medium.ts';
import { ParallelDisk } from './parallel-disk.ts';

/** Each read copies the sectors into the buffer. */
export const createDevice = (): ParallelDisk => new ParallelDisk(plain);
