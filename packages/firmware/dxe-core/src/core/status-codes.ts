import type { EfiHandle, EfiStatusCode, Guid } from '@dxelab/uefi';
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
    const data = handle === undefined ? undefined : handleData(handle);
    this.#report({ type: EFI_PROGRESS_CODE, value, instance: 0, callerId: DXE_CORE, data });
  }

  /** @param severity such as EFI_ERROR_MAJOR */
  error(severity: number, value: number): void {
    const type = EFI_ERROR_CODE + severity;
    this.#report({ type, value, instance: 0, callerId: DXE_CORE });
  }

  /** Nobody is there to hear of a report that fails. */
  #report(code: EfiStatusCode): void {
    const runtime = this.#database.findEntry(StatusCodeRuntimeProtocol)?.first?.interface;
    if (runtime !== undefined) failureOf(() => runtime.reportStatusCode(code));
  }
}

function handleData({ number }: EfiHandle): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return encodeStatusCodeData(EFI_STATUS_CODE_SPECIFIC_DATA_GUID, bytes);
}
