import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { boot, defineScenario, prepareLive } from '@dxelab/scenario';
import type { BootObservers, BootReport, ScenarioInput } from '@dxelab/scenario';
import type { EfiHandle, EfiSystemTable } from '@dxelab/uefi';
import { guid } from '@dxelab/uefi';
import type { DxeModule, HardwareLibraries } from '@dxelab/uefi-lib';
import { MemoryBackend } from '@dxelab/virtio-devices';

/** Boots a scenario that names no files. */
export function bootLive(input: ScenarioInput, observers?: BootObservers): BootReport {
  return boot(prepareLive(defineScenario(input)), observers);
}

/** The disk of the demonstration: a GPT with one FAT volume and a boot loader on it. */
export function demoDisk(): MemoryBackend {
  const image = new URL('../../../../../apps/dxelab/demo/disk.img.gz', import.meta.url);
  return new MemoryBackend(gunzipSync(readFileSync(image)));
}

/** An entry point that is handed everything. */
type Body = (
  systemTable: EfiSystemTable,
  libraries: HardwareLibraries,
  imageHandle: EfiHandle,
) => void;

/** A driver that does one thing, at its entry point. */
export function driver(name: string, body: Body): DxeModule {
  return {
    name,
    fileGuid: guid('bbbbbbbb-0000-4000-8000-000000000001'),
    moduleType: 'DXE_DRIVER',
    depex: { op: 'TRUE' },
    hardware: true,
    entryPoint: (imageHandle, systemTable, libraries) => body(systemTable, libraries, imageHandle),
  };
}

/** A loader that says something and leaves boot services. */
export function loader(text: string): DxeModule {
  return {
    ...driver('Loader', ({ bootServices: bs, conOut }, _libraries, imageHandle) => {
      conOut?.outputString(text);
      bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
    }),
    moduleType: 'UEFI_APPLICATION',
  };
}
