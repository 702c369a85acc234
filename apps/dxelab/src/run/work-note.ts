/** How much can be noted, in bytes. */
const NOTE_SIZE = 512;
/** Before it stands how many bytes of it are in use. */
const LENGTH_SIZE = Int32Array.BYTES_PER_ELEMENT;

/**
 * Memory for a note of whom the firmware waits for: a worker that loops tells nobody any more, and what it has
 * noted outlives it.
 */
export function workNote(): SharedArrayBuffer {
  return new SharedArrayBuffer(LENGTH_SIZE + NOTE_SIZE);
}

/** @param work as `BootObservers.onWork` has it */
export function writeWork(note: SharedArrayBuffer, work: string | undefined): void {
  new Int32Array(note, 0, 1)[0] = Buffer.from(note, LENGTH_SIZE).write(work ?? '');
}

/** What was noted last; `undefined` if the firmware waits for nobody. */
export function readWork(note: SharedArrayBuffer): string | undefined {
  const [length = 0] = new Int32Array(note, 0, 1);
  return length === 0 ? undefined : Buffer.from(note, LENGTH_SIZE, length).toString();
}
