export * from './compare-scenario.ts';
export * from './comparison.ts';
export { Recorder } from './recording/recorder.ts';
export type * from './recording/recording.ts';
