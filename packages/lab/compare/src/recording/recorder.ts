import type { DxeCore } from '@dxelab/dxe-core';
import type { Platform, Tracer } from '@dxelab/platform';
import type { BootInstrument } from '@dxelab/scenario';
import { AccessRecorder } from './access-recorder.ts';
import { FirmwareRecorder } from './firmware-recorder.ts';
import type { Recording } from './recording.ts';

/** Writes down, for one boot, what firmware and virtio devices do with each other. It changes nothing. */
export class Recorder implements BootInstrument {
  #accesses: AccessRecorder | undefined;
  readonly #firmware = new FirmwareRecorder(() => this.#accesses);

  get tracer(): Tracer {
    return this.#firmware.tracer;
  }

  wrap(platform: Platform): Platform {
    this.#accesses = new AccessRecorder(platform);
    return this.#accesses.platform;
  }

  attach(core: DxeCore): void {
    this.#firmware.attach(core);
  }

  /** What has been recorded so far. */
  get recording(): Recording {
    const { logs = [], chipset = new Map() } = this.#accesses ?? {};
    return { devices: logs, chipset };
  }
}
