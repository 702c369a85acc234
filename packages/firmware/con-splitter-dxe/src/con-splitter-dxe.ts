import {
  ConsoleInDeviceProtocol,
  ConsoleOutDeviceProtocol,
  guid,
  protocolInterface,
  SimpleTextInputExProtocol,
  SimpleTextInputProtocol,
  SimpleTextOutputProtocol,
  StandardErrorDeviceProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import {
  efiLibInstallDriverBindingComponentName2,
  efiLibInstallFurtherDriverBinding,
} from '@dxelab/uefi-lib';
import { ConSplitterDriver } from './con-splitter-driver.ts';
import { ConSplitterInput } from './con-splitter-input.ts';
import { ConSplitterOutput } from './con-splitter-output.ts';

/** MdeModulePkg/Universal/Console/ConSplitterDxe/ConSplitterDxe.inf */
export const conSplitterDxe: DxeModule = {
  name: 'ConSplitterDxe',
  fileGuid: guid('408edcec-cf6d-477c-a5a8-b4844e3de281'),
  moduleType: 'UEFI_DRIVER',
  // before others are started, who want a console
  depex: { op: 'TRUE' },
  entryPoint(imageHandle, systemTable, { quirks }) {
    const { bootServices: bs } = systemTable;
    const glyphWarningLost = quirks.has('ConSplitterDxe.GlyphWarningLost');
    const input = new ConSplitterInput(bs);
    const output = new ConSplitterOutput({ glyphWarningLost });
    const errors = new ConSplitterOutput({ glyphWarningLost });

    systemTable.consoleInHandle = bs.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(SimpleTextInputProtocol, input),
      protocolInterface(SimpleTextInputExProtocol, input),
    );
    systemTable.conIn = input;
    const outputInterface = protocolInterface(SimpleTextOutputProtocol, output);
    const errorsInterface = protocolInterface(SimpleTextOutputProtocol, errors);
    systemTable.consoleOutHandle = bs.installMultipleProtocolInterfaces(undefined, outputInterface);
    systemTable.conOut = output;
    systemTable.standardErrorHandle = bs.installMultipleProtocolInterfaces(
      undefined,
      errorsInterface,
    );
    systemTable.stdErr = errors;

    efiLibInstallDriverBindingComponentName2(
      bs,
      imageHandle,
      'Console Splitter Driver: ConIn',
      (agent) =>
        new ConSplitterDriver(bs, agent, {
          mark: ConsoleInDeviceProtocol,
          device: SimpleTextInputExProtocol,
          add: (device) => input.add(device),
          remove: (device) => input.remove(device),
        }),
    );
    for (const [name, mark, console] of [
      ['ConOut', ConsoleOutDeviceProtocol, output],
      ['StdErr', StandardErrorDeviceProtocol, errors],
    ] as const) {
      efiLibInstallFurtherDriverBinding(
        bs,
        imageHandle,
        `Console Splitter Driver: ${name}`,
        (agent) =>
          new ConSplitterDriver(bs, agent, {
            mark,
            device: SimpleTextOutputProtocol,
            add: (device) => console.add(device),
            remove: (device) => console.remove(device),
          }),
      );
    }
  },
};
