import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ioMmuDxe } from '@dxelab/io-mmu-dxe';
import { EdkiiIoMmuProtocol } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';

const machine = createEmulatedMachine({ memory: 64 * 2 ** 20, privateMemory: true });
const core = createDxeCore(machine.platform, {
  modules: [ioMmuDxe],
  quirks: new Quirks('specification'),
});
core.dispatch();

const ioMmu = core.systemTable.bootServices.locateProtocol(EdkiiIoMmuProtocol);
const device = machine.bus.createDma('device');

// A device finds a copy in a page that is shared, until Unmap.
const mapping = ioMmu.map('BusMasterRead', Uint8Array.of(1, 2, 3), 3);
const { deviceAddress } = mapping;
export const seen: number = device.readUint8(deviceAddress); // 1
ioMmu.unmap(mapping);
export const afterwards: number = device.readUint8(deviceAddress); // 0xff: refused, and reported
