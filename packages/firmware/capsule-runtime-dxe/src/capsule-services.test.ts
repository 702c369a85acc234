import type { EfiCapsuleHeader } from '@dxelab/uefi';
import { EfiError, guid, isEfiFailure } from '@dxelab/uefi';
import { Quirks } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { CapsuleLib } from './capsule-lib.ts';
import { capsuleLibNull } from './capsule-lib.ts';
import { CapsuleServices } from './capsule-services.ts';

const KNOWN = guid('11111111-2222-4333-8444-555555555555');
const FMP = guid('6dcbd5ed-e82d-4c44-bda1-7194199ad92a');
const [PERSIST, POPULATE, RESET] = [0x10000, 0x20000, 0x40000] as const;
const LIST = 0x10_0000;

function capsule(flags = 0, change: Partial<EfiCapsuleHeader> = {}): EfiCapsuleHeader {
  return { capsuleGuid: KNOWN, headerSize: 28, flags, capsuleImageSize: 4096, ...change };
}

/** A platform that knows one kind of capsule. */
class Platform implements CapsuleLib {
  readonly processed: EfiCapsuleHeader[] = [];
  readonly services = new CapsuleServices(this, new Quirks('specification'));

  supportCapsuleImage({ capsuleGuid }: EfiCapsuleHeader): boolean {
    return capsuleGuid === KNOWN;
  }

  processCapsuleImage(header: EfiCapsuleHeader): void {
    if (header.flags === 0xdead) throw new EfiError('EFI_DEVICE_ERROR', 'the flash is worn out');
    this.processed.push(header);
  }
}

function statusOf(body: () => unknown): string {
  try {
    body();
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.status;
    throw caught;
  }
  return 'EFI_SUCCESS';
}

describe.each(['updateCapsule', 'queryCapsuleCapabilities'] as const)('%s', (service) => {
  const ask = (services: CapsuleServices, ...capsules: EfiCapsuleHeader[]): string =>
    statusOf(() =>
      service === 'updateCapsule'
        ? services.updateCapsule(capsules, LIST)
        : services.queryCapsuleCapabilities(capsules),
    );

  test('without a capsule is EFI_INVALID_PARAMETER', () => {
    expect(ask(new Platform().services)).toBe('EFI_INVALID_PARAMETER');
  });

  test.each([
    ['POPULATE_SYSTEM_TABLE without PERSIST_ACROSS_RESET', capsule(POPULATE)],
    ['INITIATE_RESET without PERSIST_ACROSS_RESET', capsule(RESET)],
    ['both without it', capsule(POPULATE | RESET)],
    [
      'a firmware management capsule for the system table',
      capsule(PERSIST | POPULATE, { capsuleGuid: FMP }),
    ],
    ['a header that is too short', capsule(0, { headerSize: 27 })],
    ['an image shorter than its header', capsule(0, { headerSize: 64, capsuleImageSize: 63 })],
  ])('%s is EFI_INVALID_PARAMETER (UEFI §8.5.3.1)', (_name, wrong) => {
    const platform = new Platform();
    expect(ask(platform.services, capsule(), wrong)).toBe('EFI_INVALID_PARAMETER');
    expect(platform.processed).toEqual([]);
  });

  test('a kind of capsule that the platform does not know is EFI_UNSUPPORTED', () => {
    const platform = new Platform();
    const strange = capsule(0, { capsuleGuid: FMP });
    expect(ask(platform.services, capsule(), strange)).toBe('EFI_UNSUPPORTED');
    expect(platform.processed).toEqual([]);
    expect(ask(new CapsuleServices(capsuleLibNull, new Quirks('specification')), capsule())).toBe(
      'EFI_UNSUPPORTED',
    );
  });

  test('one that is to persist across a reset is EFI_UNSUPPORTED', () => {
    for (const flags of [
      PERSIST,
      PERSIST | RESET,
      PERSIST | POPULATE,
      PERSIST | POPULATE | RESET,
    ]) {
      expect(ask(new Platform().services, capsule(flags))).toBe('EFI_UNSUPPORTED');
    }
  });

  test('CapsuleRuntimeDxe.SizesUnchecked: sizes are not looked at', () => {
    const services = new CapsuleServices(new Platform(), new Quirks('edk2'));
    expect(ask(services, capsule(0, { headerSize: 0, capsuleImageSize: 0 }))).toBe('EFI_SUCCESS');
  });
});

describe('UpdateCapsule (UEFI §8.5.3)', () => {
  test('has the platform process what it knows', () => {
    const platform = new Platform();
    platform.services.updateCapsule([capsule(), capsule(0x1234)], undefined);
    expect(platform.processed.map(({ flags }) => flags)).toEqual([0, 0x1234]);
  });

  test('hands on why the platform could not', () => {
    const { services } = new Platform();
    expect(statusOf(() => services.updateCapsule([capsule(0xdead)], LIST))).toBe(
      'EFI_DEVICE_ERROR',
    );
  });

  test('is EFI_INVALID_PARAMETER without the list of what is to persist', () => {
    const { services } = new Platform();
    const update = (): void => services.updateCapsule([capsule(PERSIST)], undefined);
    expect(statusOf(update)).toBe('EFI_INVALID_PARAMETER');
  });

  test('after ExitBootServices what could be processed is EFI_OUT_OF_RESOURCES', () => {
    const { services, processed } = new Platform();
    services.exitBootServices();
    expect(statusOf(() => services.updateCapsule([capsule()], LIST))).toBe('EFI_OUT_OF_RESOURCES');
    expect(processed).toEqual([]);
  });
});

describe('QueryCapsuleCapabilities (UEFI §8.5.3)', () => {
  test('tells how large one may be, and that it needs no reset', () => {
    expect(new Platform().services.queryCapsuleCapabilities([capsule()])).toEqual({
      maximumCapsuleSize: 0xa0_0000,
      resetType: 'EfiResetCold',
    });
  });

  test('after ExitBootServices there is none that can be processed: EFI_OUT_OF_RESOURCES', () => {
    const { services } = new Platform();
    services.exitBootServices();
    const query = (): unknown => services.queryCapsuleCapabilities([capsule()]);
    expect(statusOf(query)).toBe('EFI_OUT_OF_RESOURCES');
  });

  test('CapsuleRuntimeDxe.QueryIgnoresRuntime: it does not tell that', () => {
    const services = new CapsuleServices(new Platform(), new Quirks('edk2'));
    services.exitBootServices();
    expect(statusOf(() => services.queryCapsuleCapabilities([capsule()]))).toBe('EFI_SUCCESS');
  });
});
