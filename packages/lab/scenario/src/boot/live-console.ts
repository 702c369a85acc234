import type { RealTime, SerialLine } from '@dxelab/emulated-machine';

/**
 * A person at the serial console while a boot runs, as the machine sees him: what he types, and the time that
 * passes for him. With one, time is real, and neither time nor accesses are limited: he is there to end it.
 */
export interface LiveConsole extends SerialLine, RealTime {}
