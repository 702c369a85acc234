import type { EfiCapsuleHeader } from '@dxelab/uefi';
import {
  CAPSULE_FLAGS_INITIATE_RESET,
  CAPSULE_FLAGS_PERSIST_ACROSS_RESET,
  EfiError,
  guid,
} from '@dxelab/uefi';
import type { ServicesWorld } from '../services-world.fixture.ts';
import type { StatusCase } from '../status-case.fixture.ts';
import { casesOf } from '../status-case.fixture.ts';

const UNKNOWN = guid('12345678-1234-1234-1234-123456789abc');
const LIST = 0x1000;

type Case = Omit<StatusCase, 'service'>;

function capsule(change: Partial<EfiCapsuleHeader> = {}): EfiCapsuleHeader {
  return { capsuleGuid: UNKNOWN, headerSize: 28, flags: 0, capsuleImageSize: 4096, ...change };
}

/** A world whose platform knows the capsule, and does this with it. */
function knowing(world: ServicesWorld, processCapsuleImage: () => void = () => {}): void {
  world.capsules = { supportCapsuleImage: () => true, processCapsuleImage };
  world.core.dispatch();
}

function wornOut(): never {
  throw new EfiError('EFI_DEVICE_ERROR', 'the flash is worn out');
}

/** What both services say of capsules that they do not take. */
function refusals(
  use: (world: ServicesWorld, capsules: readonly EfiCapsuleHeader[]) => unknown,
): readonly Case[] {
  const refused = (status: Case['status'], how: string, ...capsules: EfiCapsuleHeader[]): Case => ({
    status,
    how,
    provoke: (world) => {
      world.core.dispatch();
      use(world, capsules);
    },
  });
  return [
    refused('EFI_INVALID_PARAMETER', 'no capsule'),
    refused(
      'EFI_INVALID_PARAMETER',
      'INITIATE_RESET without PERSIST_ACROSS_RESET',
      capsule({ flags: CAPSULE_FLAGS_INITIATE_RESET }),
    ),
    {
      ...refused('EFI_INVALID_PARAMETER', 'a header of no bytes', capsule({ headerSize: 0 })),
      profile: 'specification',
    },
    refused('EFI_UNSUPPORTED', 'a kind that the platform does not know', capsule()),
  ];
}

/** Capsules (UEFI §8.5.3). */
export const CAPSULE_CASES: readonly StatusCase[] = [
  ...casesOf('UpdateCapsule', [
    {
      status: 'EFI_SUCCESS',
      how: 'one that the platform knows',
      provoke: (world) => {
        knowing(world);
        world.rt.updateCapsule([capsule()], undefined);
      },
    },
    ...refusals(({ rt }, capsules) => rt.updateCapsule(capsules, LIST)),
    {
      status: 'EFI_UNSUPPORTED',
      how: 'one that is to persist across a reset',
      provoke: (world) => {
        knowing(world);
        world.rt.updateCapsule([capsule({ flags: CAPSULE_FLAGS_PERSIST_ACROSS_RESET })], LIST);
      },
    },
    {
      status: 'EFI_DEVICE_ERROR',
      how: 'one that the platform cannot carry out',
      provoke: (world) => {
        knowing(world, wornOut);
        world.rt.updateCapsule([capsule()], undefined);
      },
    },
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'one that the platform knows, after ExitBootServices',
      provoke: (world) => {
        knowing(world);
        world.bs.exitBootServices(world.agent, world.bs.getMemoryMap().mapKey);
        world.rt.updateCapsule([capsule()], undefined);
      },
    },
  ]),
  ...casesOf('QueryCapsuleCapabilities', [
    {
      status: 'EFI_SUCCESS',
      how: 'one that the platform knows',
      provoke: (world) => {
        knowing(world);
        world.rt.queryCapsuleCapabilities([capsule()]);
      },
    },
    ...refusals(({ rt }, capsules) => rt.queryCapsuleCapabilities(capsules)),
    {
      status: 'EFI_OUT_OF_RESOURCES',
      how: 'one that the platform knows, after ExitBootServices',
      profile: 'specification',
      provoke: (world) => {
        knowing(world);
        world.bs.exitBootServices(world.agent, world.bs.getMemoryMap().mapKey);
        world.rt.queryCapsuleCapabilities([capsule()]);
      },
    },
  ]),
];
