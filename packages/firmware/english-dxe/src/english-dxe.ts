import {
  guid,
  protocolInterface,
  UnicodeCollation2Protocol,
  UnicodeCollationProtocol,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { EnglishCollation } from './english-collation.ts';
import { LATIN_1_LETTERS, UNICODE_LETTERS } from './letters.ts';

/** MdeModulePkg/Universal/Disk/UnicodeCollation/EnglishDxe: both protocols, on a handle of their own. */
export const englishDxe: DxeModule = {
  name: 'EnglishDxe',
  fileGuid: guid('cd3bafb6-50fb-4fe8-8e4e-ab74d2c1a600'),
  moduleType: 'UEFI_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices }, { quirks }) {
    const letters = quirks.has('EnglishDxe.Latin1Letters') ? LATIN_1_LETTERS : UNICODE_LETTERS;
    bootServices.installMultipleProtocolInterfaces(
      undefined,
      protocolInterface(UnicodeCollationProtocol, new EnglishCollation(letters, 'eng')),
      protocolInterface(UnicodeCollation2Protocol, new EnglishCollation(letters, 'en')),
    );
  },
};
