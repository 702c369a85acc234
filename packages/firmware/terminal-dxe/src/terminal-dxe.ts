import {
  guid,
  protocolInterface,
  SimpleTextInputExProtocol,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { SerialPort } from './serial-port.ts';
import { TerminalInput } from './terminal-input.ts';
import { TerminalOutput } from './terminal-output.ts';

/**
 * MdeModulePkg/Universal/Console/TerminalDxe on MdeModulePkg/Universal/SerialDxe, in one: the serial
 * console, as ConIn, ConOut and StdErr, on one handle.
 */
export const terminalDxe: DxeModule = {
  name: 'TerminalDxe',
  fileGuid: guid('9e863906-a40f-4875-977f-5b93ff237fc6'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  hardware: true,
  entryPoint(_imageHandle, systemTable, { platform, quirks }) {
    const { bootServices } = systemTable;
    const port = new SerialPort(platform.ports);
    port.initialize();
    const output = new TerminalOutput(port, quirks);
    const input = new TerminalInput(bootServices, port, quirks);
    const handle = bootServices.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(SimpleTextInputProtocol, input),
      protocolInterface(SimpleTextInputExProtocol, input),
      protocolInterface(SimpleTextOutputProtocol, output),
    );
    systemTable.consoleInHandle = handle;
    systemTable.conIn = input;
    systemTable.consoleOutHandle = handle;
    systemTable.conOut = output;
    systemTable.standardErrorHandle = handle;
    systemTable.stdErr = output;
  },
};
