import { createDxeCore } from '@dxelab/dxe-core';
import type { Device, MachineBus, RegionHandler } from '@dxelab/emulated-machine';
import { createEmulatedMachine, Region } from '@dxelab/emulated-machine';
import { pcatRealTimeClockRuntimeDxe } from '@dxelab/pcat-real-time-clock-runtime-dxe';
import type { EfiRuntimeServices } from '@dxelab/uefi';
import { PROFILES, Quirks } from '@dxelab/uefi-lib';
import { variableRuntimeDxe } from '@dxelab/variable-runtime-dxe';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { efiTime, statusOf } from './clock-world.fixture.ts';

/** A clock that reads whatever it likes; no write has an effect. */
class HostileClock implements Device, RegionHandler {
  readonly name = 'hostile-clock';
  readonly #answers: readonly number[];
  #reads = 0;

  constructor(answers: readonly number[]) {
    this.#answers = answers;
  }

  attach(bus: MachineBus): void {
    bus.ports.add(new Region(this.name, 0x70, 2, this));
  }

  read(): number {
    return this.#answers[this.#reads++ % this.#answers.length] ?? 0;
  }

  write(): void {}
}

/** Bytes that are likely to be taken for a time, among others. */
const answers = fc.array(
  fc.oneof(fc.nat(0xff), fc.constantFrom(0x80, 0x00, 0x01, 0x12, 0x20, 0x26)),
  { minLength: 1, maxLength: 200 },
);

const USES: readonly ((rt: EfiRuntimeServices) => unknown)[] = [
  (rt) => rt.getTime(),
  (rt) => rt.setTime(efiTime('2026-11-21 12:00:00')),
  (rt) => rt.getWakeupTime(),
  (rt) => rt.setWakeupTime(true, efiTime('2026-01-01 12:00:00')),
  (rt) => rt.setWakeupTime(false),
];

describe.each(PROFILES)('a clock that is out of order (%s)', (profile) => {
  test('property: each service ends, with an answer or a status that it documents', () => {
    fc.assert(
      fc.property(answers, (bytes) => {
        const { platform } = createEmulatedMachine({
          memory: 16 * 2 ** 20,
          devices: [new HostileClock(bytes)],
        });
        const modules = [pcatRealTimeClockRuntimeDxe, variableRuntimeDxe()];
        const core = createDxeCore(platform, { modules, quirks: new Quirks(profile) });
        core.dispatch();
        for (const use of USES) {
          const status = statusOf(() => use(core.systemTable.runtimeServices));
          expect(['EFI_SUCCESS', 'EFI_DEVICE_ERROR', 'EFI_UNSUPPORTED']).toContain(status);
        }
      }),
      { numRuns: 60 },
    );
  });
});
