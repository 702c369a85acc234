import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RecordedBoot } from '@dxelab/compare';
import { agrees, compareRecorded, recordBoot } from '@dxelab/compare';
import { findQemu, openDisk } from '@dxelab/node-host';
import type { Host, MachineKind, OpenDisk, Scenario } from '@dxelab/scenario';
import { onMachine, parseScenario, prepareScenario } from '@dxelab/scenario';
import { MemoryBackend } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import { undeclared } from '../compare/machines.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const BLOCK = 512;
/** Stands at the beginning of a block of both images, in a file that the loader reads. */
const KERNEL_TEXT = 'This is where an operating system';

/** Node's host, but for the loading of TypeScript: that is the test runner's business. */
const host: Host = {
  resolve: (base, path) => resolve(dirname(base), path),
  openDisk: (path, { writable }) => openDisk(path, writable),
  loadModule: (path) => import(/* @vite-ignore */ pathToFileURL(path).href),
  findQemu,
};

/** A host on whose disks one byte is another one: behind the end of the kernel, where nobody looks. */
const plantingHost: Host = { ...host, openDisk: (path) => otherByte(openDisk(path, false)) };

function otherByte(disk: OpenDisk): OpenDisk {
  const bytes = new Uint8Array(disk.backend.size);
  disk.backend.read(0, bytes, 0, bytes.length);
  disk.close();
  const text = Buffer.from(bytes.buffer).indexOf(KERNEL_TEXT);
  const last = text - (text % BLOCK) + BLOCK - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 0x01;
  return { backend: new MemoryBackend(bytes), close: () => {} };
}

function demonstration(name: string): Scenario {
  const path = fileURLToPath(
    new URL(`../../../../../apps/dxelab/demo/${name}.yaml`, import.meta.url),
  );
  return parseScenario(readFileSync(path, 'utf8'), path);
}

async function record(scenario: Scenario, machine: MachineKind, on = host): Promise<RecordedBoot> {
  const prepared = await prepareScenario(onMachine(scenario, machine), on);
  try {
    return recordBoot(prepared);
  } finally {
    prepared.close();
  }
}

describe.each(['scsi-disk', 'scsi-cd'])('the demonstration %s', (name) => {
  const readData = [expect.stringMatching(/queue 2 READ \(10\) \| data \|/)];

  test('what it declares hides no byte of what READ delivers', async () => {
    const scenario = demonstration(name);
    const boots = [
      await record(scenario, 'emulated'),
      await record(scenario, 'emulated', plantingHost),
    ] as const;
    expect(undeclared(compareRecorded(scenario, ['ours', 'planted'], boots))).toEqual(readData);
  });

  test.skipIf(skip !== undefined)(
    `agrees with QEMU, each difference being declared, and no longer when a byte differs ${skip ?? ''}`,
    { timeout: 60_000 },
    async () => {
      const scenario = demonstration(name);
      const qemu = await record(scenario, 'qemu');
      const boots = [await record(scenario, 'emulated'), qemu] as const;
      const comparison = compareRecorded(scenario, ['emulated', 'qemu'], boots);
      expect([undeclared(comparison), comparison.unused]).toEqual([[], []]);
      expect(agrees(comparison)).toBe(true);
      const ours = await record(scenario, 'emulated', plantingHost);
      const planted = compareRecorded(scenario, ['planted', 'qemu'], [ours, qemu]);
      expect(undeclared(planted)).toEqual(readData);
      expect(agrees(planted)).toBe(false);
    },
  );
});
