import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import type { Host, OpenDisk } from '../host.ts';
import { parseScenario } from '../parse-scenario.ts';
import { prepareScenario } from './prepare-scenario.ts';

const driver: DxeModule = {
  name: 'MyDriver',
  fileGuid: guid('11111111-2222-3333-4444-555555555555'),
  moduleType: 'UEFI_DRIVER',
  entryPoint() {},
};

/** A host with a few files, which counts those that are open. */
class FakeHost implements Host {
  readonly loaded: string[] = [];
  open = 0;

  resolve(base: string, path: string): string {
    return `${base}/../${path}`;
  }

  openDisk(path: string, { writable }: { readonly writable: boolean }): OpenDisk {
    if (path.endsWith('missing.img')) throw new Error(`${path}: there is no such file`);
    this.open++;
    const size = path.endsWith('odd.img') ? 1536 : 8192;
    return {
      backend: new MemoryBackend(size, { readOnly: !writable }),
      close: () => void this.open--,
    };
  }

  async loadModule(specifier: string, base: string): Promise<unknown> {
    this.loaded.push(`${specifier} for ${base}`);
    if (specifier.includes('broken')) throw new SyntaxError('Unexpected token');
    if (specifier.includes('empty')) return {};
    return { driver, twice: [driver], other: specifier.includes('two') ? { ...driver } : 1 };
  }
}

async function prepare(text: string): Promise<{ host: FakeHost; problem: string }> {
  const host = new FakeHost();
  try {
    (await prepareScenario(parseScenario(text, 'boot.yaml'), host)).close();
    return { host, problem: '' };
  } catch (caught) {
    return { host, problem: caught instanceof Error ? (caught.message.split('\n')[0] ?? '') : '' };
  }
}

describe('preparing a scenario', () => {
  test('the clock shows the time that is written, or the time of the host', async () => {
    const time = async (text: string): Promise<number> => {
      const host = Object.assign(new FakeHost(), { now: () => 1_700_000_000 });
      return (await prepareScenario(parseScenario(text, 'boot.yaml'), host)).time;
    };
    expect(await time('machine: { time: host }')).toBe(1_700_000_000);
    expect(await time('machine: { time: 2023-11-14T22:13:20Z }')).toBe(1_700_000_000);
  });

  test('loads files from where the scenario stands, and packages by name', async () => {
    const { host, problem } = await prepare(
      "firmware: { drivers: [ovmf, ./a.ts, /b.js, c.ts, '@acme/d'] }",
    );
    expect(problem).toBe('');
    expect(host.loaded).toEqual([
      'boot.yaml/.././a.ts for boot.yaml',
      'boot.yaml/..//b.js for boot.yaml',
      'boot.yaml/../c.ts for boot.yaml',
      '@acme/d for boot.yaml',
    ]);
  });

  test('opens each image once, and closes it', async () => {
    const host = new FakeHost();
    const text =
      'machine: { devices: [{ virtio-blk: { image: a.img } }, { virtio-blk: { image: a.img } }] }';
    const prepared = await prepareScenario(parseScenario(text, 'boot.yaml'), host);
    expect(host.open).toBe(1);
    prepared.close();
    expect(host.open).toBe(0);
  });

  test('closes what it has opened when something else fails', async () => {
    const { host, problem } = await prepare(
      'machine: { devices: [{ virtio-blk: { image: a.img } }] }\nfirmware: { drivers: [./broken.ts] }',
    );
    expect(problem).toContain('boot.yaml:2:23: firmware.drivers[0]:');
    expect(host.open).toBe(0);
  });

  test.each([
    [
      'machine: { devices: [{ virtio-blk: { image: missing.img } }] }',
      'boot.yaml:1:45: machine.devices[0].virtio-blk.image: boot.yaml/../missing.img: there is no such file',
    ],
    [
      'machine: { devices: [{ virtio-blk: { image: odd.img, blockSize: 1024 } }] }',
      'boot.yaml:1:36: machine.devices[0].virtio-blk: virtio-blk: backend must be whole blocks of 1024 bytes; it is 1536 bytes',
    ],
    [
      'machine: { devices: [{ custom: { device: ./device.ts } }] }',
      "boot.yaml:1:42: machine.devices[0].custom.device: './device.ts' has no function createDevice(): it exports 'driver' (an object like a module, with a member of a wrong type), 'twice' (an array without a module), 'other' (a number)",
    ],
    [
      'machine: { devices: [{ virtio-scsi: { units: [{ cdrom: { image: { zeros: 512 } } }] } }] }',
      'boot.yaml:1:56: machine.devices[0].virtio-scsi.units[0].cdrom: virtio-scsi 02.0 cdrom 0:0: backend must be whole blocks of 2048 bytes; it is 512 bytes',
    ],
    ['machine: { time: host }', 'boot.yaml:1:18: machine.time: this host does not tell the time'],
    [
      'machine: { devices: [{ virtio-rng: { entropy: host } }] }',
      'boot.yaml:1:47: machine.devices[0].virtio-rng.entropy: this host gives no entropy',
    ],
    [
      'firmware: { drivers: [./broken.ts] }',
      "boot.yaml:1:23: firmware.drivers[0]: './broken.ts' cannot be loaded: Unexpected token",
    ],
    [
      'firmware: { drivers: [./empty.ts] }',
      "boot.yaml:1:23: firmware.drivers[0]: './empty.ts' has no driver: expected a DxeModule: { name, fileGuid, moduleType, entryPoint }; it exports nothing",
    ],
    [
      "firmware: { standIns: { 'a.efi': ./two.ts } }",
      'boot.yaml:1:34: firmware.standIns.a.efi: expected one module for a.efi, and there are 2',
    ],
    [
      "firmware: { standIns: { '\\': ./a.ts } }",
      String.raw`boot.yaml:1:25: firmware.standIns.\: expected the path of a file such as '\EFI\BOOT\BOOTX64.EFI'`,
    ],
  ])('%s', async (text, expected) => {
    expect((await prepare(text)).problem).toBe(expected);
  });
});
