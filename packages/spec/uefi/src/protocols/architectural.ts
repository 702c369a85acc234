import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';

/** EFI_BDS_ARCH_PROTOCOL (PI Vol. 2 §12.2): what the DXE core calls when nothing is left to dispatch. */
export interface EfiBdsArch {
  /** Selects and starts boot options; returns only when none is left to try. */
  entry(): void;
}

/** By which EFI_BDS_ARCH_PROTOCOL (PI Vol. 2 §12.2) is found. */
export const BdsArchProtocol: Protocol<EfiBdsArch> = defineProtocol(
  'BdsArch',
  '665e3ff6-46cc-11d4-9a38-0090273fc14d',
);

/** Architectural protocols that the core itself embodies; tokens for dependency expressions (PI Vol. 2 §12). */
export const CpuArchProtocol: Protocol<null> = defineProtocol(
  'CpuArch',
  '26baccb1-6f42-11d4-bce7-0080c73c8881',
);
export const MetronomeArchProtocol: Protocol<null> = defineProtocol(
  'MetronomeArch',
  '26baccb2-6f42-11d4-bce7-0080c73c8881',
);
export const TimerArchProtocol: Protocol<null> = defineProtocol(
  'TimerArch',
  '26baccb3-6f42-11d4-bce7-0080c73c8881',
);
export const ResetArchProtocol: Protocol<null> = defineProtocol(
  'ResetArch',
  '27cfac88-46cc-11d4-9a38-0090273fc14d',
);
