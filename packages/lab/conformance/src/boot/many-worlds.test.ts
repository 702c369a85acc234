import { expect, test } from 'vitest';
import type { Profile } from '@dxelab/uefi-lib';
import { MemoryBackend, OverlayBackend } from '@dxelab/virtio-devices';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import { demoDisk } from './demo-disk.fixture.ts';
import { application, bootOs, bootVolume, readFile } from './programs.fixture.ts';

const WORLDS = 100;
/** One image for all of them, so that what one writes could reach the others. */
const SHARED = new MemoryBackend(demoDisk(), { readOnly: true });

interface LabWorld {
  readonly world: BootWorld;
  readonly overlay: OverlayBackend;
}

/** World number `index`, whose loader calls `pause` between its steps. */
function createWorld(index: number, pause: () => void): LabWorld {
  const overlay = new OverlayBackend(SHARED);
  const profile: Profile = index % 2 === 0 ? 'specification' : 'edk2';
  const name = `\\file of world ${index}.txt`;
  const standIn = application((running) => {
    const root = bootVolume(running);
    pause();
    const file = root.open(name, 'read-write-create');
    file.write(Buffer.from(`world ${index}`));
    pause();
    file.close();
    expect(Buffer.from(readFile(running, name)).toString()).toBe(`world ${index}`);
    const files: string[] = [];
    for (let info = root.readDirectory(); info !== undefined; info = root.readDirectory()) {
      files.push(info.fileName);
    }
    expect(files).toEqual(['EFI', 'loader', 'dxelab', name.slice(1)]);
    pause();
    running.systemTable.conOut?.outputString(`world ${index}: `);
    root.close();
    bootOs(running);
  });
  const slots = { '02.0': virtioDisk(overlay, { latency: index * 100 }) };
  return {
    world: new BootWorld({ profile, seed: index, standIn, slots }),
    overlay,
  };
}

test('a hundred machines and firmwares, each begun in the middle of the one before, do not meet', () => {
  const ended: string[] = [];
  // Each world's loader boots the next world at its first step, so that a hundred are under way at once.
  const bootFrom = (index: number): void => {
    let inner = false;
    const { world, overlay } = createWorld(index, () => {
      if (inner || index + 1 >= WORLDS) return;
      inner = true;
      bootFrom(index + 1);
    });
    world.bootTo('boot-services-exited');
    expect(world.console).toBe(`world ${index}: This is where an operating system would begin.\n`);
    expect(overlay.written).toBeGreaterThan(0);
    expect(world.deviceStatuses).toEqual([0]);
    expect(world.findings).toEqual([]);
    ended.push(`world ${index}`);
  };
  bootFrom(0);
  expect(ended).toHaveLength(WORLDS);
}, 30_000);

test('the end of one world is no end of another', () => {
  const dead = new BootWorld({
    standIn: application(({ bs }) => bs.stall(1e12)),
    budget: { virtualTime: 1e9 },
  });
  dead.bootTo('budget-spent');
  const ended = expect.objectContaining({ kind: 'budget-spent' });
  const alive = createWorld(7, () => {
    expect(() => dead.machine.platform.ram.readUint8(0x1000)).toThrow(ended);
  });
  alive.world.bootTo('boot-services-exited');
});

test('two firmwares alike take the same time, however many others there were', () => {
  const times = [0, 1].map(() => {
    const { world } = createWorld(42, () => void createWorld(1, () => {}).world.boot());
    world.bootTo('boot-services-exited');
    return world.machine.platform.cycles.now;
  });
  expect(times[0]).toBe(times[1]);
});
