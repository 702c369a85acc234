import type { QemuEntropy } from '@dxelab/qemu-machine';
import { qemuVirtioRng } from '@dxelab/qemu-machine';
import { EFI_RNG_ALGORITHM_RAW, RngProtocol } from '@dxelab/uefi';
import type { EfiRng } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import type { QemuWorldOptions } from './qemu-world.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
import type { TransportOnQemu } from './transports.fixture.ts';
import { TRANSPORTS } from './transports.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const MIB = 2 ** 20;
const ALL = TRANSPORTS.map((transport) => [transport.name, transport] as const);

interface EntropyOptions extends QemuWorldOptions {
  readonly entropy?: QemuEntropy;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** A firmware with one entropy device, connected. */
function world(on: TransportOnQemu | undefined, options: EntropyOptions = {}): QemuWorld {
  const { entropy = 'seeded', properties = {}, ...others } = options;
  const { machine = {}, transport = { transport: 'pci-modern', slot: '02.0' } as const } = on ?? {};
  const rng = qemuVirtioRng({ ...transport, entropy, properties });
  return new QemuWorld({ ...machine, ...others, devices: [rng] }).connect();
}

function draw(rng: EfiRng, length: number): Uint8Array {
  const value = new Uint8Array(length);
  rng.getRng(EFI_RNG_ALGORITHM_RAW, value);
  return value;
}

/** How many bytes there are of the value that is there most often. */
function mostFrequent(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return Math.max(...counts);
}

describe.skipIf(skip !== undefined)(
  `EFI_RNG_PROTOCOL on QEMU's own virtio-rng (virtio §5.4) ${skip ?? ''}`,
  () => {
    describe.for(PROFILES)('%s', (profile) => {
      test.for(ALL)('%s: a MiB in which all bytes are as frequent, and stopped again', ([, on]) => {
        using rng = world(on, { profile });
        const entropy = draw(rng.open(RngProtocol), MIB);
        // 4096 of each are expected: six standard deviations
        expect(mostFrequent(entropy)).toBeLessThan(4096 + 6 * 64);
        const [handle] = rng.handlesWith(RngProtocol);
        if (handle === undefined) throw new TypeError('there is no entropy device');
        rng.bs.disconnectController(handle);
        expect(rng.handlesWith(RngProtocol)).toEqual([]);
        rng.bs.connectController(handle);
        expect(draw(rng.open(RngProtocol), 64)).not.toEqual(entropy.subarray(0, 64));
        rng.bs.exitBootServices(rng.core.labImage, rng.bs.getMemoryMap().mapKey);
      });

      test('QEMU answers short where it is told to: the rest is asked for (§5.4.6)', () => {
        using rng = world(undefined, {
          profile,
          properties: { 'max-bytes': 6, period: 10 },
        });
        expect(new Set(draw(rng.open(RngProtocol), 64)).size).toBeGreaterThan(40);
      });

      test('addresses that are given by the platform (bit 33)', () => {
        using rng = world(undefined, { profile, properties: { iommu_platform: true } });
        expect(new Set(draw(rng.open(RngProtocol), 64)).size).toBeGreaterThan(40);
      });
    });

    test('same seed, same bytes; another seed, others', () => {
      const bytes = (seed: number): Uint8Array => {
        using rng = world(undefined, { seed });
        return draw(rng.open(RngProtocol), 32);
      };
      expect(bytes(7)).toEqual(bytes(7));
      expect(bytes(8)).not.toEqual(bytes(7));
    });

    test("the host's entropy is never the same", () => {
      const bytes = (): Uint8Array => {
        using rng = world(undefined, { entropy: 'host', seed: 7 });
        return draw(rng.open(RngProtocol), 32);
      };
      expect(bytes()).not.toEqual(bytes());
    });
  },
);
