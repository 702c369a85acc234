import type { EfiSerialIo } from '@dxelab/uefi';
import { EFI_SERIAL_INPUT_BUFFER_EMPTY, EfiError } from '@dxelab/uefi';

/** What a terminal does with EFI_SERIAL_IO_PROTOCOL. */
export class SerialLine {
  readonly #io: EfiSerialIo;
  readonly #byte = new Uint8Array(1);

  constructor(io: EfiSerialIo) {
    this.#io = io;
  }

  reset(): void {
    this.#io.reset();
  }

  /** The next byte that has come; `undefined` if there is none. A Read of nothing would wait for its timeout. */
  read(): number | undefined {
    if ((this.#io.getControl() & EFI_SERIAL_INPUT_BUFFER_EMPTY) !== 0) return undefined;
    return this.#io.read(this.#byte) === 1 ? this.#byte[0] : undefined;
  }

  /** @throws EFI_DEVICE_ERROR unless all of it is sent */
  write(bytes: Uint8Array): void {
    const written = this.#io.write(bytes);
    if (written === bytes.length) return;
    const message = `the serial port has taken ${written} of ${bytes.length} bytes`;
    throw new EfiError('EFI_DEVICE_ERROR', message);
  }
}
