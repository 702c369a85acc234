import { capsuleRuntimeDxe } from '@dxelab/capsule-runtime-dxe';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import type { EfiCapsuleHeader } from '@dxelab/uefi';
import { guid } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';

const LOGO = guid('7bb28b99-61bb-11d5-9a5d-0090273fc14d');
/** What the platform was given. */
export const logos: EfiCapsuleHeader[] = [];

const { platform } = createEmulatedMachine({ memory: 64 * 2 ** 20 });
const core = createDxeCore(platform, {
  modules: [
    variableRuntimeDxe(),
    capsuleRuntimeDxe({
      supportCapsuleImage: ({ capsuleGuid }) => capsuleGuid === LOGO,
      processCapsuleImage: (capsule) => logos.push(capsule),
    }),
  ],
  quirks: new Quirks('specification'),
});
core.dispatch();

const { runtimeServices } = core.systemTable;
const capsule = { capsuleGuid: LOGO, headerSize: 28, flags: 0, capsuleImageSize: 4096 };
export const { maximumCapsuleSize, resetType } = runtimeServices.queryCapsuleCapabilities([
  capsule,
]);
runtimeServices.updateCapsule([capsule], undefined);
