import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { defineProtocol, guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_INFO, Quirks } from '@dxelab/uefi-lib';

interface Greeter {
  greet(whom: string): string;
}
const GreeterProtocol = defineProtocol<Greeter>('Greeter', '5d0b8a0e-6c1f-4a53-9d0e-0c7a52f3b001');

// What an INF carries, and an entry point. Each image gets a face of the system table of its own.
const greeterDxe: DxeModule = {
  name: 'GreeterDxe',
  fileGuid: guid('5d0b8a0e-6c1f-4a53-9d0e-0c7a52f3b002'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(imageHandle, systemTable) {
    const bs = systemTable.bootServices;
    bs.installProtocolInterface(imageHandle, GreeterProtocol, {
      greet: (whom) => `Hello, ${whom}`,
    });
  },
};

const callerDxe: DxeModule = {
  name: 'CallerDxe',
  fileGuid: guid('5d0b8a0e-6c1f-4a53-9d0e-0c7a52f3b003'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'PUSH', protocol: GreeterProtocol },
  entryPoint(_imageHandle, systemTable, { debug }) {
    const bs = systemTable.bootServices;
    debug.debug(DEBUG_INFO, bs.locateProtocol(GreeterProtocol).greet('handle database'));
    bs.stall(10_000);
    debug.debug(DEBUG_INFO, '10 ms later');
  },
};

export const said: string[] = [];
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20 });
const core = createDxeCore(platform, {
  modules: [callerDxe, greeterDxe], // the dependency expression decides, not the order
  quirks: new Quirks('specification'),
  onDebug: ({ module, message, level }) => {
    if (level === DEBUG_INFO) said.push(`${module}: ${message}`);
  },
});
core.dispatch(); // run() would dispatch, and then let BDS boot

export const greeters = core
  .handles()
  .filter(({ protocols }) => protocols.some(({ guid: id }) => id === GreeterProtocol.guid))
  .map(({ handle }) => core.nameOf(handle));
