import type { EfiHandle, EfiStatusCode, EfiStatusCodeRuntime, Guid } from '@dxelab/uefi';
import {
  EFI_ERROR_CODE,
  EFI_PROGRESS_CODE,
  EFI_STATUS_CODE_SPECIFIC_DATA_GUID,
  encodeStatusCodeData,
  guid,
  StatusCodeRuntimeProtocol,
} from '@dxelab/uefi';
import type { HandleDatabase } from '../hand/handle-database.ts';
import { failureOf } from './failure-of.ts';

/** FILE_GUID of DxeMain, by which the core is known. */
const DXE_CORE: Guid = guid('d6a2cb7f-6a18-4e2f-b43b-9920a733700a');

/** EFI_STATUS_CODE_DATA with room for a handle: two codes for each module are not to cost more than this. */
const HANDLE_DATA = encodeStatusCodeData(EFI_STATUS_CODE_SPECIFIC_DATA_GUID, new Uint8Array(8));
const HANDLE_AT = HANDLE_DATA.length - 8;

/**
 * What the core reports of what it does (PI Vol. 2 §15.2), from when a module has installed
 * EFI_STATUS_CODE_PROTOCOL. MdeModulePkg/Library/DxeReportStatusCodeLib.
 */
export class StatusCodes {
  readonly #database: HandleDatabase;

  constructor(database: HandleDatabase) {
    this.#database = database;
  }

  /**
   * @param value subclass and operation
   * @param handle the image that it is about; its handle goes with the code
   */
  progress(value: number, handle?: EfiHandle): void {
    const runtime = this.#runtime();
    if (runtime === undefined) return;
    const data = handle === undefined ? undefined : handleData(handle);
    const type = EFI_PROGRESS_CODE;
    report(runtime, { type, value, instance: 0, callerId: DXE_CORE, data });
  }

  /** @param severity such as EFI_ERROR_MAJOR */
  error(severity: number, value: number): void {
    const runtime = this.#runtime();
    const type = EFI_ERROR_CODE + severity;
    if (runtime !== undefined) report(runtime, { type, value, instance: 0, callerId: DXE_CORE });
  }

  #runtime(): EfiStatusCodeRuntime | undefined {
    return this.#database.findEntry(StatusCodeRuntimeProtocol)?.first?.interface;
  }
}

/** Nobody is there to hear of a report that fails. */
function report(runtime: EfiStatusCodeRuntime, code: EfiStatusCode): void {
  failureOf(() => runtime.reportStatusCode(code));
}

function handleData({ number }: EfiHandle): Uint8Array {
  const data = HANDLE_DATA.slice();
  for (let byte = 0; byte < 4; byte += 1) data[HANDLE_AT + byte] = number >>> (8 * byte);
  return data;
}
