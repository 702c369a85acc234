export * from './chrome-sink.ts';
export * from './create-tracer.ts';
export * from './event-filter.ts';
export * from './json-lines-sink.ts';
export * from './text-sink.ts';
export * from './trace-recorder.ts';
export * from './trace-sink.ts';
