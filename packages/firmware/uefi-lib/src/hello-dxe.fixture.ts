import { guid } from '@dxelab/uefi';
import type { DxeModule } from './index.ts';
import { DEBUG_INFO } from './index.ts';

export const helloDxe: DxeModule = {
  name: 'HelloDxe',
  fileGuid: guid('6987936e-ed34-44db-ae97-1fa5e4ed2116'),
  moduleType: 'UEFI_DRIVER',
  entryPoint(_imageHandle, _systemTable, { debug }) {
    debug.debug(DEBUG_INFO, 'hello');
  },
};
