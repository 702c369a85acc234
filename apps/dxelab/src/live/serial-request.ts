import { ByteRing } from './byte-ring.ts';

/** What a worker shares of the serial port of its machine while a boot runs: it outlives the worker. */
export interface SerialRequest {
  /** What leaves the port. */
  readonly shown: SharedArrayBuffer;
  /** What a person types; `undefined` if nobody sits there. */
  readonly typed: SharedArrayBuffer | undefined;
  /** One element: whether he has switched the machine off. */
  readonly switchedOff: Int32Array;
}

/** @param live whether somebody types while the machine runs */
export function serialRequest(live: boolean): SerialRequest {
  return {
    shown: ByteRing.memory(),
    typed: live ? ByteRing.memory() : undefined,
    switchedOff: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
}
