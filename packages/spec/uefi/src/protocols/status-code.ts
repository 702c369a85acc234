import { viewOf } from '../bytes.ts';
import type { Guid } from '../guid.ts';
import { guid, guidToBytes } from '../guid.ts';
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

/** Subclasses of EFI_SOFTWARE: who reports (PI Vol. 3 §6.7.1). */
export const EFI_SOFTWARE_DXE_CORE = 0x03040000;
export const EFI_SOFTWARE_DXE_BS_DRIVER = 0x03050000;
export const EFI_SOFTWARE_EFI_BOOT_SERVICE = 0x03100000;
export const EFI_SOFTWARE_EFI_RUNTIME_SERVICE = 0x03110000;
/** Operations that all of them have: something is being initialized. */
export const EFI_SW_PC_INIT_BEGIN = 0x0002;
export const EFI_SW_PC_INIT_END = 0x0003;
/** Operations of the DXE core: it hands over to BDS; its errors: an architectural protocol is missing. */
export const EFI_SW_DXE_CORE_PC_HANDOFF_TO_NEXT = 0x1001;
export const EFI_SW_DXE_CORE_EC_NO_ARCH = 0x1000;
/** Operations of boot services drivers: who waits for virtual addresses is about to be notified. */
export const EFI_SW_DXE_BS_PC_VIRTUAL_ADDRESS_CHANGE_EVENT = 0x1004;
/** Services that were called. */
export const EFI_SW_BS_PC_EXIT_BOOT_SERVICES = 0x1019;
export const EFI_SW_RS_PC_SET_VIRTUAL_ADDRESS_MAP = 0x1004;
export const EFI_SW_RS_PC_RESET_SYSTEM = 0x100a;

/** EFI_STATUS_CODE_SPECIFIC_DATA_GUID: data whose meaning the code itself tells (PI Vol. 3 §6.6). */
export const EFI_STATUS_CODE_SPECIFIC_DATA_GUID: Guid = guid(
  '335984bd-e805-409a-b8f8-d27ece5ff7a6',
);
const STATUS_CODE_DATA_HEADER = 20;

/** EFI_STATUS_CODE_DATA (PI Vol. 3 §6.6): what goes with a code, behind its header. */
export function encodeStatusCodeData(type: Guid, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(STATUS_CODE_DATA_HEADER + data.length);
  const view = viewOf(whole);
  view.setUint16(0, STATUS_CODE_DATA_HEADER, true);
  view.setUint16(2, data.length, true);
  whole.set(guidToBytes(type), 4);
  whole.set(data, STATUS_CODE_DATA_HEADER);
  return whole;
}

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
