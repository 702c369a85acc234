import { existsSync } from 'node:fs';
import { TerminalSignal } from '@dxelab/platform';
import { BlockIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { describe, expect, test, vi } from 'vitest';
import { ImageFile, pattern } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
import type { TransportOnQemu } from './transports.fixture.ts';
import { diskOn, TRANSPORTS } from './transports.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const BLOCK = 512;

/** Lets something happen when a request is in the ring and the device is about to be notified of it. */
function beforeNotification(virtIo: VirtioDevice, happens: () => void): void {
  const notify = virtIo.setQueueNotify.bind(virtIo);
  virtIo.setQueueNotify = (queue) => {
    happens();
    notify(queue);
  };
}

/** The same in place of the notification, so that the driver waits for what never comes. */
function insteadOfNotification(virtIo: VirtioDevice, happens: () => void): void {
  virtIo.setQueueNotify = happens;
}

function never(): never {
  throw new TypeError('there are transports');
}

/** What a body throws. */
function thrownBy(body: () => void): unknown {
  try {
    body();
  } catch (caught) {
    return caught;
  }
  throw new Error('nothing was thrown');
}

/** For an answer of QEMU's, in milliseconds: a busy host takes its time to start it. */
const DEADLINE = 3000;

interface Loss {
  readonly name: string;
  readonly transport: TransportOnQemu;
  readonly what: string;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly kind: string;
  readonly message: string;
}

/** How QEMU can be lost. */
const LOSSES: readonly Loss[] = [
  ...TRANSPORTS.map((transport) => ({
    name: transport.name,
    transport,
    what: 'exits',
    signal: 'SIGKILL' as const,
    kind: 'exited',
    message: 'QEMU has exited',
  })),
  // Over one transport: it takes as long as the deadline.
  ...TRANSPORTS.slice(0, 1).map((transport) => ({
    name: transport.name,
    transport,
    what: 'stops answering',
    signal: 'SIGSTOP' as const,
    kind: 'silent',
    message: `QEMU has not answered for ${DEADLINE} ms, and was ended`,
  })),
];

describe.skipIf(skip !== undefined)(`QEMU in the middle of a request ${skip ?? ''}`, () => {
  describe.for(PROFILES)('%s', (profile) => {
    test.for(LOSSES)(
      '$name: it $what: the world ends, and says so',
      { timeout: 20_000 },
      async (loss) => {
        const { signal, kind, message, transport } = loss;
        using image = new ImageFile(pattern(8 * BLOCK));
        const disk = diskOn(transport, { path: image.path, access: 'read-only' });
        using world = new QemuWorld({ profile, deadline: DEADLINE, ...disk }).connect();
        const { processId, platform } = world.machine;
        const blockIo = world.open(BlockIoProtocol);
        beforeNotification(world.open(VirtioDeviceProtocol), () => process.kill(processId, signal));
        const read = (): void =>
          blockIo.readBlocks(blockIo.media.mediaId, 0, new Uint8Array(BLOCK));
        const end = thrownBy(read);
        expect(end).toBeInstanceOf(TerminalSignal);
        expect(end).toMatchObject({ kind: 'power-loss', message, details: { kind } });
        // No driver takes it for a status, and nothing goes on: neither requests nor services nor RAM.
        expect(thrownBy(read)).toBe(end);
        expect(thrownBy(() => world.bs.stall(1))).toBe(end);
        expect(thrownBy(() => platform.ram.readUint8(0))).toBe(end);
        await vi.waitUntil(() => !existsSync(`/proc/${processId}/exe`), 5000);
      },
    );

    test('it exits while the driver waits for the device, be it only with looks into RAM', () => {
      using image = new ImageFile(pattern(8 * BLOCK));
      const [transport = never()] = TRANSPORTS;
      const disk = diskOn(transport, { path: image.path, access: 'read-only' });
      using world = new QemuWorld({ profile, ...disk }).connect();
      const { processId } = world.machine;
      insteadOfNotification(world.open(VirtioDeviceProtocol), () =>
        process.kill(processId, 'SIGKILL'),
      );
      const blockIo = world.open(BlockIoProtocol);
      const read = (): void => blockIo.readBlocks(blockIo.media.mediaId, 0, new Uint8Array(BLOCK));
      expect(thrownBy(read)).toMatchObject({ kind: 'power-loss', message: 'QEMU has exited' });
    });
  });
});
