import type { EfiSimpleTextOutput } from '@dxelab/uefi';
import { guid, SimpleTextOutputProtocol } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { SerialPort } from './serial-port.ts';
import { utf8Bytes } from './utf8.ts';

/** VT-UTF8: home, then erase the display. */
const CLEAR_SCREEN = '\u001B[2J\u001B[H';

/** EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL on a VT-UTF8 terminal (UEFI §12.4). */
class TerminalOutput implements EfiSimpleTextOutput {
  readonly #port: SerialPort;

  constructor(port: SerialPort) {
    this.#port = port;
  }

  reset(_extendedVerification: boolean): void {
    this.#port.initialize();
  }

  outputString(text: string): void {
    for (const byte of utf8Bytes(text)) this.#port.write(byte);
  }

  clearScreen(): void {
    this.outputString(CLEAR_SCREEN);
  }
}

/**
 * MdeModulePkg/Universal/Console/TerminalDxe on MdeModulePkg/Universal/SerialDxe, in one: the serial
 * console, as ConOut and StdErr.
 */
export const terminalDxe: DxeModule = {
  name: 'TerminalDxe',
  fileGuid: guid('9e863906-a40f-4875-977f-5b93ff237fc6'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true,
  entryPoint(_imageHandle, systemTable, { platform }) {
    const port = new SerialPort(platform.ports);
    port.initialize();
    const output = new TerminalOutput(port);
    const handle = systemTable.bootServices.installProtocolInterface(
      undefined,
      SimpleTextOutputProtocol,
      output,
    );
    systemTable.consoleOutHandle = handle;
    systemTable.conOut = output;
    systemTable.stdErr = output;
  },
};
