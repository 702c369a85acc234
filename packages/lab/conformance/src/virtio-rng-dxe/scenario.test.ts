import { compareScenario } from '@dxelab/compare';
import { findQemu } from '@dxelab/node-host';
import { boot, defineScenario, prepareLive, prepareScenario, succeeded } from '@dxelab/scenario';
import type { BootReport, Host, ScenarioInput, VirtioRngInput } from '@dxelab/scenario';
import { EVT_NOTIFY_SIGNAL, RngProtocol, TPL_CALLBACK } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { DEBUG_INFO, PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { driver } from '../scenario/live.fixture.ts';
import { counting } from './rng-world.fixture.ts';

/** Why tests against QEMU are skipped; it stands in their title. */
const skip = whyNoQemu();

/** Says 8 bytes of each source of entropy that comes up. */
const drawer: DxeModule = driver('Drawer', ({ bootServices: bs }, { debug }) => {
  const draw = (): void => {
    const value = new Uint8Array(8);
    bs.locateProtocol(RngProtocol, registration).getRng(undefined, value);
    debug.debug(DEBUG_INFO, `drawn: ${[...value].join(' ')}`);
  };
  const installed = bs.createEvent(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, draw, undefined);
  const registration = bs.registerProtocolNotify(RngProtocol, installed);
});

function scenario(rng: VirtioRngInput, input: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    steps: [{ connect: 'all' }],
    expect: [{ outcome: 'completed' }, { debug: /drawn:( \d+){8}/ }, { findings: 'none' }],
    ...input,
    machine: { memory: '64 MiB', devices: [{ 'virtio-rng': rng }], ...input.machine },
    firmware: { drivers: ['ovmf', drawer], ...input.firmware },
  };
}

/** What was drawn, first to last. */
function drawn(report: BootReport): readonly string[] {
  return report.debug.flatMap(({ message }) => /drawn: (.*)/.exec(message)?.[1] ?? []);
}

function bootLive(rng: VirtioRngInput, input?: Partial<ScenarioInput>): BootReport {
  return boot(prepareLive(defineScenario(scenario(rng, input))));
}

const TRANSPORTS: readonly (readonly [string, VirtioRngInput])[] = [
  ['PCI modern', { transport: 'pci-modern' }],
  ['PCI legacy', { transport: 'pci-legacy' }],
  ['PCI transitional', { transport: 'pci-transitional' }],
  ['MMIO version 1', { transport: 'mmio', version: 1 }],
  ['MMIO version 2', { transport: 'mmio', version: 2 }],
];

describe.each(PROFILES)('a scenario with virtio-rng, %s', (profile) => {
  const firmware = { profile, drivers: ['ovmf', drawer] };

  test.each(TRANSPORTS)('%s: the seed says which bytes', (_name, rng) => {
    const seeded = (seed: number): readonly string[] => {
      const report = bootLive(rng, {
        firmware,
        machine: { seed, devices: [{ 'virtio-rng': rng }] },
      });
      expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
      return drawn(report);
    };
    expect(seeded(1)).toHaveLength(1);
    expect(seeded(1)).toEqual(seeded(1));
    expect(seeded(2)).not.toEqual(seeded(1));
  });

  test('private memory: what the device wrote is bounced', () => {
    const entropy = counting();
    const machine = { privateMemory: true, devices: [{ 'virtio-rng': { entropy } }] };
    const report = bootLive({}, { firmware, machine });
    expect(succeeded(report)).toBe(true);
    expect(drawn(report)).toEqual(['0 1 2 3 4 5 6 7']);
  });

  test('two of them, each with a driver of its own', () => {
    const devices = [{ 'virtio-rng': {} }, { 'virtio-rng': { bytesPerAnswer: 3 } }];
    const report = bootLive({}, { firmware, machine: { devices } });
    expect(new Set(drawn(report)).size).toBe(2);
  });

  test('all that a device can be told', () => {
    const rng = { entropy: counting(), bytesPerAnswer: 3, queueSize: 2, latency: '1 ms' } as const;
    const report = bootLive(rng, { firmware });
    expect(drawn(report)).toEqual(['0 1 2 3 4 5 6 7']);
    expect(report.virtualTime).toBeGreaterThan(3e6);
  });
});

describe("the host's entropy", () => {
  const host: Host = {
    resolve: (_base, path) => path,
    openDisk: (path) => {
      throw new Error(`no disk is opened here: ${path}`);
    },
    loadModule: async () => undefined,
    fillRandom: (target) => target.fill(42),
  };

  test('is drawn if the scenario asks for it, and only then', async () => {
    const from = async (entropy: 'seeded' | 'host'): Promise<string | undefined> => {
      const prepared = await prepareScenario(defineScenario(scenario({ entropy })), host);
      return drawn(boot(prepared))[0];
    };
    expect(await from('host')).toBe('42 42 42 42 42 42 42 42');
    expect(await from('seeded')).not.toBe(await from('host'));
  });

  test('there is none where there is no host', () => {
    expect(() => bootLive({ entropy: 'host' })).toThrow(
      /machine\.devices\[0\]\.virtio-rng\.entropy: expected 'seeded' or a live function: no host is asked here/,
    );
  });

  describe.skipIf(skip !== undefined)(`on QEMU ${skip ?? ''}`, () => {
    const onQemu = async (rng: VirtioRngInput): Promise<BootReport> => {
      const machine = { kind: 'qemu', devices: [{ 'virtio-rng': rng }] } as const;
      const defined = defineScenario(scenario(rng, { machine }));
      const prepared = await prepareScenario(defined, { ...host, findQemu });
      return boot(prepared);
    };

    test.each(TRANSPORTS)('%s: the seed says which bytes there, too', async (_name, rng) => {
      const report = await onQemu(rng);
      expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
      expect(drawn(await onQemu(rng))).toEqual(drawn(report));
    });

    // where the host stops for longer than QEMU's quota lasts, an answer can be longer than it
    test(
      'it answers short where it is told to, as ours does, and is asked for the rest',
      { retry: 5 },
      async () => {
        const rng = { 'virtio-rng': { bytesPerAnswer: 3 } };
        const defined = defineScenario({
          ...scenario({}, { machine: { devices: [rng] } }),
          differences: [
            { chipset: 'any', reason: 'a q35 has an ICH9' },
            { request: 'data', reason: 'the generators of both have the seed, and are others' },
          ],
        });
        const comparison = await compareScenario(defined, { ...host, findQemu });
        expect(comparison.differences.filter(({ reason }) => reason === undefined)).toEqual([]);
        expect(comparison.unused).toEqual([]);
        const answers = comparison.differences.filter(({ part }) => part === 'data');
        expect(answers.map(({ texts }) => texts.map((text = '') => text.length / 2))).toEqual([
          [3, 3],
          [3, 3],
          [2, 2],
        ]);
      },
    );

    test("the host's are never the same", async () => {
      const bytes = drawn(await onQemu({ entropy: 'host' }));
      expect(drawn(await onQemu({ entropy: 'host' }))).not.toEqual(bytes);
    });

    test.each<[VirtioRngInput, string]>([
      [{ queueSize: 4, latency: '1 ms' }, 'has no queueSize, latency'],
      [{ entropy: counting() }, "is 'seeded' or 'host', and no function"],
    ])('what QEMU does not have is said where it stands', async (rng, message) => {
      await expect(onQemu(rng)).rejects.toThrow(message);
    });
  });
});
