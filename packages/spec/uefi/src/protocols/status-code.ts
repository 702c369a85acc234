import type { Guid } from '../guid.ts';
import type { Protocol } from '../protocol.ts';
import { defineProtocol } from '../protocol.ts';
import type { EfiTpl } from '../tpl.ts';

/** EFI_STATUS_CODE_TYPE: a type in bits 0 to 7, a severity above (PI Vol. 3 §6.4.1). */
export const EFI_PROGRESS_CODE = 0x00000001;
export const EFI_ERROR_CODE = 0x00000002;
export const EFI_DEBUG_CODE = 0x00000003;
export const EFI_STATUS_CODE_TYPE_MASK = 0x000000ff;
export const EFI_ERROR_MINOR = 0x40000000;
export const EFI_ERROR_MAJOR = 0x80000000;
export const EFI_ERROR_UNRECOVERED = 0x90000000;
export const EFI_ERROR_UNCONTAINED = 0xa0000000;

/** What is reported: EFI_PEI_REPORT_STATUS_CODE's arguments (PI Vol. 2 §15.2.1). */
export interface EfiStatusCode {
  /** `EFI_PROGRESS_CODE`, or `EFI_ERROR_CODE` with its severity, or `EFI_DEBUG_CODE`. */
  readonly type: number;
  /** Class in bits 24 to 31, subclass in bits 16 to 23, operation below. */
  readonly value: number;
  /** Which of several it is; 0 if there is one. */
  readonly instance: number;
  /** The file GUID of the module that reports. */
  readonly callerId?: Guid | undefined;
  readonly data?: Uint8Array | undefined;
}

/** EFI_STATUS_CODE_PROTOCOL (PI Vol. 2 §15.2.1): a runtime protocol. */
export interface EfiStatusCodeRuntime {
  /** @throws EFI_DEVICE_ERROR if a handler reports while it is told */
  reportStatusCode(code: EfiStatusCode): void;
}

/** By which EFI_STATUS_CODE_PROTOCOL is found. */
export const StatusCodeRuntimeProtocol: Protocol<EfiStatusCodeRuntime> = defineProtocol(
  'StatusCodeRuntime',
  'd2b2b828-0826-48a7-b3df-983c006024f0',
);

/** Is told of a status code. */
export type EfiRscHandlerCallback = (code: EfiStatusCode) => void;

/** EFI_RSC_HANDLER_PROTOCOL (PI Vol. 2 §15.2.2): who is told of status codes. */
export interface EfiRscHandler {
  /**
   * @param tpl at which it is told; at `TPL_HIGH_LEVEL` it is told at once, within the report
   * @throws EFI_ALREADY_STARTED
   */
  register(callback: EfiRscHandlerCallback, tpl: EfiTpl): void;
  /** @throws EFI_NOT_FOUND */
  unregister(callback: EfiRscHandlerCallback): void;
}

/** By which EFI_RSC_HANDLER_PROTOCOL is found. */
export const RscHandlerProtocol: Protocol<EfiRscHandler> = defineProtocol(
  'RscHandler',
  '86212936-0e76-41c8-a03a-2af2fc1c39e2',
);
