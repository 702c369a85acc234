import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/**
 * Marks a handle whose input is a part of ConIn (EDK II MdeModulePkg/Include/Guid/ConsoleInDevice.h). It has no
 * interface.
 */
export const ConsoleInDeviceProtocol: Protocol<null> = defineProtocol(
  'ConsoleInDevice',
  'd3b36f2b-d551-11d4-9a46-0090273fc14d',
);

/** Marks a handle whose output shows what ConOut shows (Guid/ConsoleOutDevice.h). */
export const ConsoleOutDeviceProtocol: Protocol<null> = defineProtocol(
  'ConsoleOutDevice',
  'd3b36f2c-d551-11d4-9a46-0090273fc14d',
);

/** Marks a handle whose output shows what StdErr shows (Guid/StandardErrorDevice.h). */
export const StandardErrorDeviceProtocol: Protocol<null> = defineProtocol(
  'StandardErrorDevice',
  'd3b36f2d-d551-11d4-9a46-0090273fc14d',
);
