import type {
  EfiBootServices,
  EfiEvent,
  EfiRscHandler,
  EfiRscHandlerCallback,
  EfiStatusCode,
  EfiStatusCodeRuntime,
  EfiTpl,
} from '@dxelab/uefi';
import { EVT_NOTIFY_SIGNAL, EfiError, TPL_HIGH_LEVEL } from '@dxelab/uefi';

interface Handler {
  readonly callback: EfiRscHandlerCallback;
  /** Signalled to tell it; absent for one that is told at once. */
  readonly event: EfiEvent | undefined;
  readonly waiting: EfiStatusCode[];
}

/**
 * Tells everybody who has registered of every status code (PI Vol. 2 §15.2).
 * MdeModulePkg/Universal/ReportStatusCodeRouter/RuntimeDxe/ReportStatusCodeRouterRuntimeDxe.c.
 */
export class StatusCodeRouter implements EfiStatusCodeRuntime, EfiRscHandler {
  readonly #bs: EfiBootServices;
  readonly #handlers: Handler[] = [];
  #isReporting = false;
  #atRuntime = false;

  constructor(bs: EfiBootServices) {
    this.#bs = bs;
  }

  /** Boot services are gone: all are told at once from now on. */
  exitBootServices(): void {
    this.#atRuntime = true;
  }

  register(callback: EfiRscHandlerCallback, tpl: EfiTpl): void {
    if (this.#handlers.some((handler) => handler.callback === callback)) {
      throw new EfiError('EFI_ALREADY_STARTED', 'this status code handler is registered already');
    }
    const waiting: EfiStatusCode[] = [];
    const tell = (): void => {
      for (const code of waiting.splice(0)) callback(code);
    };
    const isAtOnce = tpl === TPL_HIGH_LEVEL;
    const event = isAtOnce ? undefined : this.#bs.createEvent(EVT_NOTIFY_SIGNAL, tpl, tell, null);
    this.#handlers.push({ callback, event, waiting });
  }

  unregister(callback: EfiRscHandlerCallback): void {
    const index = this.#handlers.findIndex((handler) => handler.callback === callback);
    const [handler] = index < 0 ? [] : this.#handlers.splice(index, 1);
    if (handler === undefined) {
      throw new EfiError('EFI_NOT_FOUND', 'this status code handler is not registered');
    }
    if (handler.event !== undefined && !this.#atRuntime) this.#bs.closeEvent(handler.event);
  }

  reportStatusCode(code: EfiStatusCode): void {
    if (this.#isReporting) {
      throw new EfiError(
        'EFI_DEVICE_ERROR',
        'a status code is reported within the report of another',
      );
    }
    this.#isReporting = true;
    try {
      // a copy: handlers may come and go meanwhile
      for (const { callback, event, waiting } of this.#handlers.slice()) {
        if (event === undefined || this.#atRuntime) callback(code);
        else {
          // the reporter may use its buffer again before the handler sees it
          waiting.push(code.data === undefined ? code : { ...code, data: code.data.slice() });
          this.#bs.signalEvent(event);
        }
      }
    } finally {
      this.#isReporting = false;
    }
  }
}
