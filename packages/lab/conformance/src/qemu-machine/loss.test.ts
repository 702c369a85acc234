import { existsSync } from 'node:fs';
import { TerminalSignal } from '@dxelab/platform';
import { BlockIoProtocol } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { VirtioDevice } from '@dxelab/virtio';
import { VirtioDeviceProtocol } from '@dxelab/virtio';
import { describe, expect, test, vi } from 'vitest';
import { ImageFile, pattern } from './image-file.fixture.ts';
import { QemuWorld, whyNoQemu } from './qemu-world.fixture.ts';
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

/** What a body throws. */
function thrownBy(body: () => void): unknown {
  try {
    body();
  } catch (caught) {
    return caught;
  }
  throw new Error('nothing was thrown');
}

describe.skipIf(skip !== undefined)(`QEMU in the middle of a request ${skip ?? ''}`, () => {
  describe.for(PROFILES)('%s', (profile) => {
    const ends = [
      ['exits', 'SIGKILL', 'exited', 'QEMU has exited'],
      ['stops answering', 'SIGSTOP', 'silent', 'QEMU has not answered for 300 ms, and was ended'],
    ] as const;
    test.for(
      TRANSPORTS.flatMap((transport) =>
        ends.map((end) => [transport.name, end, transport] as const),
      ),
    )('%s: it %s: the world ends, and says so', async ([, end, transport]) => {
      const [, signal, kind, message] = end;
      using image = new ImageFile(pattern(8 * BLOCK));
      const disk = diskOn(transport, { path: image.path, access: 'read-only' });
      using world = new QemuWorld({ profile, deadline: 300, ...disk }).connect();
      const { processId, platform } = world.machine;
      const blockIo = world.open(BlockIoProtocol);
      beforeNotification(world.open(VirtioDeviceProtocol), () => process.kill(processId, signal));
      const read = (): void => blockIo.readBlocks(blockIo.media.mediaId, 0, new Uint8Array(BLOCK));
      const loss = thrownBy(read);
      expect(loss).toBeInstanceOf(TerminalSignal);
      expect(loss).toMatchObject({ kind: 'power-loss', message, details: { kind } });
      // No driver takes it for a status, and nothing goes on: neither requests nor services nor RAM.
      expect(thrownBy(read)).toBe(loss);
      expect(thrownBy(() => world.bs.stall(1))).toBe(loss);
      expect(thrownBy(() => platform.ram.readUint8(0))).toBe(loss);
      await vi.waitUntil(() => !existsSync(`/proc/${processId}/exe`), 5000);
    });
  });
});
