import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk } from '@dxelab/node-host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DxeModule } from '@dxelab/uefi-lib';
import { efiStatusOf } from '@dxelab/uefi';
import { PROFILES } from '@dxelab/uefi-lib';
import type { BlockBackend } from '@dxelab/virtio-devices';
import { OverlayBackend } from '@dxelab/virtio-devices';
import { BootWorld, OPTIONS_AS_WRITTEN, virtioDisk } from './boot-world.fixture.ts';
import { demoDisk } from './demo-disk.fixture.ts';
import {
  application,
  bootVolume,
  KERNEL,
  KERNEL_TEXT,
  osLoader,
  readFile,
} from './programs.fixture.ts';

const REPORT = '\\Report of the boot.txt';
const TEXT = 'Written by a guest, and flushed.';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A loader that changes all there is to change on a volume, and has it flushed. */
function writer(flushed: () => void): DxeModule {
  return application((running) => {
    const { bs, imageHandle } = running;
    const root = bootVolume(running);
    const report = root.open(REPORT, 'read-write-create');
    report.write(Buffer.from(TEXT));
    report.close();
    const kernel = root.open(KERNEL, 'read-write');
    kernel.setInfo({ fileName: 'Another name.txt' });
    kernel.setPosition('end');
    kernel.write(new Uint8Array(100_000).fill(0x2a));
    kernel.close();
    root.open('\\loader\\loader.conf', 'read-write').delete();
    root.flush();
    flushed();
    bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
  });
}

/** A loader that looks for what the other has left, and gives back what it finds. */
function reader(found: unknown[]): DxeModule {
  return application((running) => {
    const { bs, imageHandle } = running;
    found.push(Buffer.from(readFile(running, REPORT)).toString());
    found.push(readFile(running, '\\dxelab\\Another name.txt').length);
    for (const name of [KERNEL, '\\loader\\loader.conf']) {
      try {
        readFile(running, name);
      } catch (caught) {
        found.push(efiStatusOf(caught));
      }
    }
    bs.exitBootServices(imageHandle, bs.getMemoryMap().mapKey);
  });
}

const LEFT = [TEXT, 100_047, 'EFI_NOT_FOUND', 'EFI_NOT_FOUND'];

describe.each(PROFILES)('what a guest writes, %s', (profile) => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dxelab-boot-'));
    path = join(folder, 'disk.img');
    writeFileSync(path, demoDisk());
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Boots from a backend. */
  function boot(backend: BlockBackend, standIn: DxeModule): BootWorld {
    const world = new BootWorld({ profile, standIn, slots: { '02.0': virtioDisk(backend) } });
    world.bootTo('boot-services-exited');
    return world;
  }

  test('is in the overlay, and the image stays as it was, byte for byte', () => {
    const before = sha256(readFileSync(path));
    const disk = openDisk(path, false);
    const overlay = new OverlayBackend(disk.backend);
    boot(
      overlay,
      writer(() => {}),
    );
    expect(overlay.written).toBeGreaterThan(0);
    const found: unknown[] = [];
    boot(overlay, reader(found));
    expect(found).toEqual(LEFT);
    disk.close();
    expect(sha256(readFileSync(path))).toBe(before);
  });

  test('is gone with the overlay', () => {
    const disk = openDisk(path, false);
    boot(
      new OverlayBackend(disk.backend),
      writer(() => {}),
    );
    const second = new BootWorld({
      profile,
      standIn: osLoader,
      slots: { '02.0': virtioDisk(new OverlayBackend(disk.backend)) },
    });
    second.bootTo('boot-services-exited');
    expect(second.console).toBe(KERNEL_TEXT);
    disk.close();
  });

  test('is in the file when writes are on: what flush promised before anything else happens', () => {
    const disk = openDisk(path, true);
    let flushed = '';
    boot(
      disk.backend,
      writer(() => {
        flushed = sha256(readFileSync(path));
        expect(readFileSync(path).includes(TEXT)).toBe(true);
      }),
    );
    disk.close();
    // The volume was whole at that moment: what came later added nothing to it.
    expect(sha256(readFileSync(path))).toBe(flushed);
    const again = openDisk(path, false);
    const found: unknown[] = [];
    boot(new OverlayBackend(again.backend), reader(found));
    expect(found).toEqual(LEFT);
    again.close();
  });

  test('does not reach a read-only file, nor does the guest think so', () => {
    const before = sha256(readFileSync(path));
    const disk = openDisk(path, false);
    const world = new BootWorld({
      profile,
      quirks: OPTIONS_AS_WRITTEN,
      standIn: writer(() => {}),
      slots: { '02.0': virtioDisk(disk.backend) },
    });
    world.bootTo('stopped');
    expect(world.attempts).toMatchObject([{ status: 'EFI_WRITE_PROTECTED' }]);
    disk.close();
    expect(sha256(readFileSync(path))).toBe(before);
  });
});
