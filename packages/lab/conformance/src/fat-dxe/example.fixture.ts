import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import {
  EFI_FILE_DIRECTORY,
  PciRootBridgeIoProtocol,
  SimpleFileSystemProtocol,
} from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { floppy } from './floppy.fixture.ts';

// A machine with a virtio disk that is one empty FAT12 volume, and a firmware with OVMF's drivers.
const disk = new VirtioBlk({ backend: new MemoryBackend(floppy()) });
const host = new PciHostBridge();
host.plug('02.0', new VirtioPciModern(disk));
const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20, devices: [host] });
const core = createDxeCore(platform, { modules: ovmf(), quirks: new Quirks('specification') });
core.dispatch();
const bs = core.systemTable.bootServices;
const all = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
for (const bridge of bs.locateHandleBuffer(all)) {
  bs.connectController(bridge, undefined, undefined, true);
}

// Paths have backslashes; a directory is a file that is created with that attribute.
const root = bs.locateProtocol(SimpleFileSystemProtocol).openVolume();
root.open('\\EFI', 'read-write-create', EFI_FILE_DIRECTORY).close();
const file = root.open('\\EFI\\A file with a long name.txt', 'read-write-create');
file.write(new TextEncoder().encode('Hello, FAT.'));
file.close();

// Names are found in any case, also by the 8.3 name that FAT gave them.
const again = root.open('\\efi\\AFILEW~1.TXT', 'read');
const content = new Uint8Array(again.getInfo().fileSize);
again.read(content);
export const text: string = new TextDecoder().decode(content); // Hello, FAT.
export const { freeSpace } = root.getFileSystemInfo(); // two clusters less than before: 1456640
