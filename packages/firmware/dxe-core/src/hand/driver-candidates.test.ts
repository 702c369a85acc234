import type { EfiHandle } from '@dxelab/uefi';
import {
  BusSpecificDriverOverrideProtocol,
  DriverBindingProtocol,
  DriverFamilyOverrideProtocol,
  EfiError,
  PlatformDriverOverrideProtocol,
} from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { GammaProtocol, HandWorld, statusOf } from './hand-world.fixture.ts';

/** A controller that nobody supports: connecting it asks everybody, in order. */
class OrderWorld extends HandWorld {
  readonly controller = this.handle();

  named(name: string, version = 0x10): EfiHandle {
    return this.driver({ name, version, supported: () => 'EFI_UNSUPPORTED' });
  }

  /** Installs a family override beside a driver's binding. */
  family(driver: EfiHandle, version: number): void {
    this.services.installProtocolInterface(driver, DriverFamilyOverrideProtocol, {
      getVersion: () => version,
    });
  }

  platformOverride(...images: readonly EfiHandle[]): void {
    this.services.installProtocolInterface(undefined, PlatformDriverOverrideProtocol, {
      getDriver: (_controller, previous) => after(images, previous),
    });
  }

  busOverride(...images: readonly EfiHandle[]): void {
    this.services.installProtocolInterface(this.controller, BusSpecificDriverOverrideProtocol, {
      getDriver: (previous) => after(images, previous),
    });
  }

  /** The names of the drivers in the order in which they are asked. */
  order(context: readonly EfiHandle[] = []): string {
    this.takeLog();
    statusOf(() => this.services.connectController(this.controller, context));
    return this.takeLog()
      .map((entry) => entry.split(' ')[1])
      .join(' ');
  }
}

function after(images: readonly EfiHandle[], previous: EfiHandle | undefined) {
  return images[previous === undefined ? 0 : images.indexOf(previous) + 1];
}

describe.each(PROFILES)('the precedence of drivers (UEFI 2.11 §7.3.12), %s', (profile) => {
  test('rule 5: the highest version first', () => {
    const world = new OrderWorld(profile);
    world.named('Low', 0x10);
    world.named('High', 0x30);
    world.named('Middle', 0x20);
    expect(world.order()).toBe('High Middle Low');
  });

  test('rule 5: equal versions in order of installation, as long as none is overtaken', () => {
    const world = new OrderWorld(profile);
    for (const name of ['A', 'B', 'C']) world.named(name);
    expect(world.order()).toBe('A B C');
  });

  test('rule 5: who is overtaken changes places with who overtakes, like EDK II’s sort', () => {
    const world = new OrderWorld(profile);
    for (const name of ['A', 'B']) world.named(name, 0x10);
    world.named('Newest', 0x20);
    expect(world.order()).toBe('Newest B A');
  });

  test('a driver that comes or goes changes the order from the next call on', () => {
    const world = new OrderWorld(profile);
    world.named('A');
    expect(world.order()).toBe('A');
    const late = world.handle(GammaProtocol);
    const supported = () => 'EFI_UNSUPPORTED' as const;
    const binding = world.binding({ name: 'Late', version: 0x20, supported }, late);
    world.services.installProtocolInterface(late, DriverBindingProtocol, binding);
    expect(world.order()).toBe('Late A');
    world.services.uninstallProtocolInterface(late, DriverBindingProtocol, binding);
    expect(world.order()).toBe('A');
  });

  test('rule 1: the context override comes first, in the caller’s order', () => {
    const world = new OrderWorld(profile);
    const [a, b] = [world.named('A', 0x10), world.named('B', 0x20)];
    world.named('C', 0x30);
    expect(world.order([a, b])).toBe('A B C');
    expect(world.order([b, a, b])).toBe('B A C');
  });

  test('rule 1: handles without a driver are ignored', () => {
    const world = new OrderWorld(profile);
    const a = world.named('A', 0x10);
    world.named('B', 0x20);
    const stale = world.handle(GammaProtocol);
    world.services.uninstallProtocolInterface(stale, GammaProtocol, null);
    expect(world.order([world.controller, stale, a])).toBe('A B');
  });

  test('rule 2: the platform’s choice, by image', () => {
    const world = new OrderWorld(profile);
    const [a, b] = [world.named('A', 0x10), world.named('B', 0x20)];
    world.named('C', 0x30);
    world.platformOverride(b, a);
    expect(world.order()).toBe('B A C');
  });

  test('rule 2: all bindings of an image', () => {
    const world = new OrderWorld(profile);
    const image = world.handle(GammaProtocol);
    world.named('C', 0x30);
    const never = { supported: () => 'EFI_UNSUPPORTED' as const, imageHandle: image };
    world.driver({ ...never, name: 'A', version: 0x10 });
    world.driver({ ...never, name: 'B', version: 0x20 });
    world.platformOverride(image);
    expect(world.order()).toBe('A B C');
  });

  test('rule 2: an image that is gone is passed over, an error ends the list', () => {
    const world = new OrderWorld(profile);
    const [a, b] = [world.named('A', 0x10), world.named('B', 0x20)];
    const stale = world.handle(GammaProtocol);
    world.services.uninstallProtocolInterface(stale, GammaProtocol, null);
    world.services.installProtocolInterface(undefined, PlatformDriverOverrideProtocol, {
      getDriver: (_controller, previous) => {
        if (previous === a) throw new EfiError('EFI_NOT_FOUND', 'no more');
        return after([stale, a, b], previous);
      },
    });
    expect(world.order()).toBe('A B');
  });

  test('rule 3: a driver family override comes before the version', () => {
    const world = new OrderWorld(profile);
    const a = world.named('A', 0x10);
    world.named('B', 0x20);
    world.family(a, 1);
    expect(world.order()).toBe('A B');
  });

  test('rule 4: the bus’s choice on the controller', () => {
    const world = new OrderWorld(profile);
    const [a, b] = [world.named('A', 0x10), world.named('B', 0x20)];
    world.named('C', 0x30);
    world.busOverride(b, a);
    expect(world.order()).toBe('B A C');
  });

  test('the five rules one after the other; a driver keeps its first place', () => {
    const world = new OrderWorld(profile);
    const [context, platform, family, bus] = [
      world.named('Context', 0x11),
      world.named('Platform', 0x12),
      world.named('Family', 0x13),
      world.named('Bus', 0x14),
    ];
    world.named('High', 0x16);
    world.named('Low', 0x15);
    world.platformOverride(platform, context);
    world.family(family, 7);
    world.busOverride(bus, platform, family);
    expect(world.order([context])).toBe('Context Platform Family Bus High Low');
  });

  test('those promoted do not shut out the others', () => {
    const world = new OrderWorld(profile);
    const a = world.named('A');
    world.driver({ name: 'Willing', supported: () => 'EFI_SUCCESS', start: () => {} });
    expect(statusOf(() => world.services.connectController(world.controller, [a]))).toBe(
      'EFI_SUCCESS',
    );
    expect(world.takeLog()).toEqual([
      'supported A 1',
      'supported Willing 1',
      'start Willing 1',
      'supported A 1',
    ]);
  });

  test('a driver that an override loads is asked, too: the list is made anew', () => {
    const world = new OrderWorld(profile);
    const a = world.named('A');
    let loaded: EfiHandle | undefined;
    world.services.installProtocolInterface(undefined, PlatformDriverOverrideProtocol, {
      getDriver: (_controller, previous) => {
        loaded ??= world.named('Loaded');
        return after([loaded, a], previous);
      },
    });
    expect(world.order()).toBe('Loaded A');
  });

  test('a driver binding without an interface is not asked', () => {
    const world = new OrderWorld(profile);
    world.named('A');
    world.services.installProtocolInterface(
      undefined,
      { guid: DriverBindingProtocol.guid, name: 'tag' },
      null,
    );
    expect(world.order()).toBe('A');
  });
});

describe('several driver family overrides', () => {
  const families = (profile: Profile, ...versions: readonly (number | undefined)[]) => {
    const world = new OrderWorld(profile);
    for (const [index, version] of versions.entries()) {
      const driver = world.named(`${index}`, 0x10 + index);
      if (version !== undefined) world.family(driver, version);
    }
    return world.order();
  };

  test('specification: all of them, the highest first', () => {
    expect(families('specification', 1, 3, 2, undefined, undefined)).toBe('1 2 0 4 3');
  });

  test.each(PROFILES)('%s: of equal ones the older first', (profile) => {
    expect(families(profile, 5, 5, undefined, 5)).toBe('0 1 3 2');
  });

  test('edk2: only the highest, if the newest driver has none (quirk FamilyOverrideStopsEarly)', () => {
    expect(families('edk2', 1, 3, 2, undefined, undefined)).toBe('1 4 3 2 0');
  });

  test('edk2: all of them, as long as the newest driver has one and waits', () => {
    expect(families('edk2', 2, undefined, 3, 1)).toBe('2 0 3 1');
    expect(families('edk2', 1, undefined, 2, 3)).toBe('3 2 1 0');
  });
});

describe('a context override that is an image whose bindings are on other handles', () => {
  const order = (profile: Profile) => {
    const world = new OrderWorld(profile);
    const image = world.handle(GammaProtocol);
    const never = { supported: () => 'EFI_UNSUPPORTED' as const, imageHandle: image };
    world.driver({ ...never, name: 'OfImage', version: 0x10 });
    world.named('Other', 0x20);
    return world.order([image]);
  };

  test('specification: an image handle stands for its drivers', () => {
    expect(order('specification')).toBe('OfImage Other');
  });

  test('edk2: it is ignored (quirk ContextOverrideByBindingHandle)', () => {
    expect(order('edk2')).toBe('Other OfImage');
  });
});
