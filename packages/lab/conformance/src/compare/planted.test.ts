import { agrees, recordBoot } from '@dxelab/compare';
import { PciFunction } from '@dxelab/pci-devices';
import type { DeviceInput } from '@dxelab/scenario';
import { boot, defineScenario, prepareLive } from '@dxelab/scenario';
import { BlockIoProtocol, isEfiFailure, PciIoProtocol } from '@dxelab/uefi';
import type { VirtioTransportOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, VirtioBlk, VirtioPciModern } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { application, bootOs } from '../boot/programs.fixture.ts';
import { changedDisk } from '../boot/demo-disk.fixture.ts';
import { demoDisk } from '../scenario/live.fixture.ts';
import { undeclared } from './machines.fixture.ts';
import { compareToPlanted, disk, scenarioOf } from './planted.fixture.ts';

/** A disk that says in the used ring that it wrote so many bytes more. */
function liar(more: number): DeviceInput {
  const usedElement: VirtioTransportOptions['usedElement'] = ({ id, length }) => ({
    id,
    length: length + more,
  });
  const model = (): VirtioBlk => new VirtioBlk({ backend: demoDisk(), discard: true });
  return { custom: { slot: '02.0', device: () => new VirtioPciModern(model(), { usedElement }) } };
}

/** The demonstration's disk with one byte of the kernel's text changed. */
function otherData(): DeviceInput {
  const bytes = changedDisk((image) => {
    const at = Buffer.from(image.buffer).indexOf('operating system would');
    image[at] = 0x4f;
  });
  return disk({ image: new MemoryBackend(bytes) });
}

/** A loader that looks at num_queues, which nobody else does (virtio §4.1.4.3). */
const curious = application((running) => {
  const { bs } = running;
  const [handle] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
  if (handle === undefined) throw new TypeError('there is no disk');
  bs.handleProtocol(handle, PciIoProtocol).mem.read(1, 4, 0x12);
  bootOs(running);
});

/** A loader that reads behind the end of its disk. */
const careless = application((running) => {
  const { bs } = running;
  const [handle] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
  if (handle === undefined) throw new TypeError('there is no disk');
  const blockIo = bs.handleProtocol(handle, BlockIoProtocol);
  const { mediaId, lastBlock } = blockIo.media;
  try {
    blockIo.readBlocks(mediaId, lastBlock + 1, new Uint8Array(512));
  } catch (caught) {
    if (!isEfiFailure(caught)) throw caught;
  }
  bootOs(running);
});

describe('two machines that are the same', () => {
  test('do not differ, however often they are compared', () => {
    const comparison = compareToPlanted({});
    expect(comparison.differences).toEqual([]);
    expect(comparison.devices.map(({ name, rows }) => [name, rows])).toEqual([
      ['virtio-blk 02.0', []],
    ]);
    expect(agrees(comparison)).toBe(true);
  });

  test.each([
    ['at once', {}],
    ['later, while the driver polls', { latency: '100 us' }],
  ] as const)(
    'are the same boots as those that nobody records: requests are done %s',
    (_what, options) => {
      const scenario = defineScenario(scenarioOf({ devices: [disk(options)] }));
      const plain = boot(prepareLive(scenario));
      const { report, recording } = recordBoot(prepareLive(scenario));
      expect([report.accesses, report.virtualTime]).toEqual([plain.accesses, plain.virtualTime]);
      expect(report.outcome).toEqual(plain.outcome);
      expect(recording.devices[0]?.events.length).toBeGreaterThan(100);
    },
  );

  test('do not differ in how often a driver polled', () => {
    const comparison = compareToPlanted({ devices: [disk({ latency: '100 us' })] });
    expect(comparison.boots[1].accesses).toBeGreaterThan(comparison.boots[0].accesses);
    expect(comparison.differences).toEqual([]);
  });
});

describe('what was planted is found', () => {
  test.each([
    [
      'another capacity',
      { devices: [disk({ claimedCapacity: 8193n })] },
      /^virtio-blk 02\.0 \| register \| config\+0x00 \| value \| 0x00002000 \| 0x00002001$/,
    ],
    [
      'a feature that is not offered',
      { devices: [disk({ discard: false })] },
      /^virtio-blk 02\.0 \| features \| common\.deviceFeature \| bits \| bits 13 \| no bits$/,
    ],
    [
      'another queue size',
      { devices: [disk({ queueSize: 128 })] },
      /^virtio-blk 02\.0 \| register \| common\.queueSize \| value \| 0x0100 \| 0x0080$/,
    ],
    [
      'another used length',
      { profile: 'edk2', devices: [liar(1)] },
      /^virtio-blk 02\.0 \| request \| queue 0 \| length \| 513 \| 514$/,
    ],
    [
      'other data',
      { devices: [otherData()] },
      /^virtio-blk 02\.0 \| request \| queue 0 \| data \| \w+… of \d+ bytes, SHA-256 \w+… \| \w+… of/,
    ],
    [
      'one more access to a register',
      { loader: curious },
      /^virtio-blk 02\.0 \| register \| common\.numQueues \| read {2}common\.numQueues \(2\) \| nothing \| read {2}common\.numQueues \(2\): 0x0001$/,
    ],
    [
      'one more call, with its status',
      { loader: careless },
      /^virtio-blk 02\.0 \| call \| BlockIo\.readBlocks \| .* \| nothing \| .*: EFI_INVALID_PARAMETER$/,
    ],
    [
      'a disk that fails',
      { devices: [disk({ status: 'IOERR' })] },
      /^virtio-blk 02\.0 \| call \| BlockIo\.readBlocks \| status \| EFI_SUCCESS \| EFI_DEVICE_ERROR$/,
    ],
    [
      'another outcome',
      { devices: [disk({ status: 'IOERR' })] },
      /^ \| boot \| outcome \| outcome \| boot-services-exited: .* \| stopped: /,
    ],
    [
      'a device in another place',
      { devices: [disk({ slot: '03.0' })] },
      /^virtio-blk 03\.0 \| register \| pci\.vendorId \| .* \| nothing \| read/,
    ],
    [
      'a device over another transport',
      { devices: [disk({ transport: 'pci-transitional' })] },
      /^virtio-blk 02\.0 \| register \| pci\.vendorId \| value \| 0x10421af4 \| 0x10011af4$/,
    ],
    [
      'a function of the chipset',
      {
        devices: [
          disk(),
          {
            custom: {
              slot: '1f.0',
              device: () =>
                new PciFunction({
                  name: 'bridge',
                  vendorId: 0x8086,
                  deviceId: 0x2918,
                  classCode: 0x060100,
                }),
            },
          },
        ],
      },
      /^ \| chipset \| 1f\.0 \| function \| nothing \| 8086:2918$/,
    ],
  ] as const)('%s', (_what, planted, expected) => {
    const comparison = compareToPlanted(planted);
    expect(undeclared(comparison)).toContainEqual(expect.stringMatching(expected));
    expect(agrees(comparison)).toBe(false);
  });
});

describe('what was planted and is declared', () => {
  const [device, reason] = ['virtio-blk *', 'it was planted'];

  test.each([
    ['features', { devices: [disk({ discard: false })] }, [{ features: [13], device, reason }]],
    [
      'the length in the used element',
      { profile: 'edk2', devices: [liar(1)] },
      [{ request: 'length', device, queue: 0, reason }],
    ],
    [
      'a length that is too short, where all data is there',
      { profile: 'edk2', devices: [liar(-1)] },
      [{ request: 'length', device, queue: 0, reason }],
    ],
    ['an access', { loader: curious }, [{ register: 'common.num*', device, reason }]],
    ['a call', { loader: careless }, [{ call: 'BlockIo.readBlocks', device, reason }]],
  ] as const)('%s: may be', (_what, planted, differences) => {
    const comparison = compareToPlanted(planted, differences);
    expect(undeclared(comparison)).toEqual([]);
    expect(comparison.differences.length).toBeGreaterThan(0);
    expect(comparison.differences.every((difference) => difference.reason === reason)).toBe(true);
    expect([comparison.unused, agrees(comparison)]).toEqual([[], true]);
  });

  test.each([
    ['another bit', [{ features: [14], reason }]],
    ['another device', [{ features: [13], device: 'virtio-blk 03.0', reason }]],
    ['another part', [{ register: 'common.deviceStatus', reason }]],
  ] as const)('as %s does not count, and what does not occur is named', (_what, differences) => {
    const comparison = compareToPlanted({ devices: [disk({ discard: false })] }, differences);
    expect(agrees(comparison)).toBe(false);
    expect(comparison.unused).toEqual([expect.stringContaining('it was planted')]);
  });
});
