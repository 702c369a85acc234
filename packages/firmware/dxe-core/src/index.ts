export * from './core/boot-services-ended.ts';
export * from './core/dxe-core.ts';
export type { ModuleFailure, UndispatchedModule } from './dispatcher/dispatcher.ts';
export type { DriverCall, StartFailure } from './hand/driver-calls.ts';
export type { HandleSnapshot, ProtocolSnapshot } from './hand/handle-snapshot.ts';
export type { ImageRecord } from './image/image-record.ts';
export * from './image/image-runtime.ts';
export type { DebugRecord } from './misc/module-debug.ts';
export type * from './trace-events.ts';
