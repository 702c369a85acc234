export * from './compare-scenario.ts';
export * from './comparison.ts';
export { AccessRecorder } from './recording/access-recorder.ts';
export { quietLook } from './recording/quiet-look.ts';
export type * from './recording/queue-watcher.ts';
export { Recorder } from './recording/recorder.ts';
export type * from './recording/recording.ts';
