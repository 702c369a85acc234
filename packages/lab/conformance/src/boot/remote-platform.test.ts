import { describe, expect, test } from 'vitest';
import type { Platform } from '@dxelab/platform';
import { RemotePlatform, servePlatform } from '@dxelab/platform';
import { BlockIoProtocol, EVT_NOTIFY_SIGNAL, EVT_TIMER, TPL_NOTIFY } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import { PciBridge } from '@dxelab/pci-devices';
import type { BootWorldOptions } from './boot-world.fixture.ts';
import { BootWorld, virtioDisk } from './boot-world.fixture.ts';
import { application, bootOs, KERNEL_TEXT, osLoader } from './programs.fixture.ts';

/** A wire between firmware and machine: only copies of bytes cross it, and it counts them. */
class Wire {
  requests = 0;
  bytes = 0;

  readonly cut = (platform: Platform): Platform => {
    const serve = servePlatform(platform);
    return new RemotePlatform((request) => {
      const reply = serve(request.slice()).slice();
      this.requests++;
      this.bytes += request.length + reply.length;
      return reply;
    });
  };
}

/** All that shows of a boot from outside. */
function seen(world: BootWorld) {
  const { kind, message, details } = world.boot();
  const { console, deviceTree, attempts, findings, deviceStatuses, startFailures } = world;
  const debug = world.debug.map((record) => `${record.module}: ${record.message}`);
  return {
    outcome: { kind, message, details },
    console,
    deviceTree,
    attempts,
    findings,
    deviceStatuses,
    startFailures,
    debug,
  };
}

/** Boots the same firmware twice: on the machine, and with the wire between. */
function bootBoth(options: () => BootWorldOptions) {
  const direct = new BootWorld(options());
  const wire = new Wire();
  const remote = new BootWorld({ ...options(), waist: wire.cut });
  return { direct: seen(direct), remote: seen(remote), wire, worlds: [direct, remote] };
}

describe.each(PROFILES)('the firmware reaches its machine by bytes alone, %s', (profile) => {
  test('and boots the demonstration disk as if it stood on it', () => {
    const { direct, remote, wire, worlds } = bootBoth(() => ({ profile, standIn: osLoader }));
    expect(remote).toEqual(direct);
    expect(remote.outcome.kind).toBe('boot-services-exited');
    expect(remote.console).toBe(KERNEL_TEXT);
    // Everything went over the wire: at least one request for each access.
    expect(wire.requests).toBeGreaterThan(worlds[0]?.machine.platform.cycles.accesses ?? Infinity);
    expect(wire.bytes).toBeGreaterThan(10 * wire.requests);
  });

  test('and hands over the same image', () => {
    const { direct, remote } = bootBoth(() => ({ profile }));
    expect(remote).toEqual(direct);
    expect(remote.outcome.kind).toBe('handed-over');
  });

  test('and waits for a device that takes its time', () => {
    const slow = () => ({
      profile,
      standIn: osLoader,
      slots: { '02.0': virtioDisk(undefined, { latency: 250_000 }) },
    });
    const { direct, remote } = bootBoth(slow);
    expect(remote).toEqual(direct);
    expect(remote.outcome.kind).toBe('boot-services-exited');
  });

  test('and finds devices behind bridges', () => {
    const bridged = () => {
      const bridge = new PciBridge('bridge');
      bridge.plug('01.0', virtioDisk());
      return { profile, standIn: osLoader, slots: { '03.0': bridge } };
    };
    const { direct, remote } = bootBoth(bridged);
    expect(remote).toEqual(direct);
    expect(remote.outcome.kind).toBe('boot-services-exited');
  });

  test('and a budget ends it with the same report', () => {
    const dead = () => ({
      profile,
      budget: { virtualTime: 1e9 },
      slots: { '02.0': virtioDisk(undefined, { latency: 1e12 }) },
    });
    const { direct, remote } = bootBoth(dead);
    expect(remote.outcome.kind).toBe('budget-spent');
    expect(remote.outcome.message).toBe(direct.outcome.message);
    expect(remote.outcome.details['report']).toBe(direct.outcome.details['report']);
  });

  test.each([0, 50_000])(
    'and is interrupted at the other end, with a latency of %d ns',
    (latency) => {
      const ticks = [0, 0];
      let world = 0;
      const ticking = () => {
        const mine = world++;
        const loader = application((running) => {
          const { bs } = running;
          const timer = bs.createEvent(
            EVT_TIMER | EVT_NOTIFY_SIGNAL,
            TPL_NOTIFY,
            () => void (ticks[mine] = (ticks[mine] ?? 0) + 1),
            undefined,
          );
          bs.setTimer(timer, 'TimerPeriodic', 100);
          const [disk] = bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
          if (disk === undefined) throw new TypeError('there is no disk');
          const blockIo = bs.handleProtocol(disk, BlockIoProtocol);
          const block = new Uint8Array(512);
          for (let lba = 0; lba < 300; lba++) blockIo.readBlocks(blockIo.media.mediaId, lba, block);
          bs.stall(30_000);
          bootOs(running);
        });
        return { profile, standIn: loader, slots: { '02.0': virtioDisk(undefined, { latency }) } };
      };
      const { direct, remote } = bootBoth(ticking);
      expect(remote).toEqual(direct);
      expect(remote.outcome.kind).toBe('boot-services-exited');
      const [here = 0, there = 0] = ticks;
      expect(here).toBeGreaterThan(0);
      // An interrupt is taken after the access before which it came: a tick may move, none is lost.
      expect(Math.abs(there - here)).toBeLessThan(here / 20 + 2);
    },
  );
});
