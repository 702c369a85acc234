import type { CommandPlace, Fact } from './recording.ts';

/** A request on a queue, as far as it can be told what it is. */
export interface QueueRequest {
  /** In words: `request`, or a command and its unit. */
  readonly what: string;
  /** Of SCSI commands only. */
  readonly command?: CommandPlace;
  /** What the driver asks for. */
  readonly facts: readonly Fact[];
  /** What came of it. @param length how many bytes the used element says were written */
  answer(length: number): readonly Fact[];
}
