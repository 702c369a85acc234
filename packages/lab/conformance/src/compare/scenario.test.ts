import type { DeviceInput, ScenarioInput } from '@dxelab/scenario';
import { agrees, compareScenario } from '@dxelab/compare';
import { defineScenario } from '@dxelab/scenario';
import { BlockIoProtocol } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { demoDisk as demoImage } from '../boot/demo-disk.fixture.ts';
import { application, bootOsPatiently } from '../boot/programs.fixture.ts';
import { ImageFile } from '../qemu-machine/image-file.fixture.ts';
import { whyNoQemu } from '../qemu-machine/qemu-world.fixture.ts';
import { compareMachines, host, undeclared } from './machines.fixture.ts';

/** Why these tests are skipped; it stands in their title. */
const skip = whyNoQemu();
const PATIENCE = 60_000;

const DIFFERENCES: NonNullable<ScenarioInput['differences']> = [
  { features: [4], reason: 'QEMU invents a geometry for each disk' },
  { chipset: 'any', reason: 'another chipset' },
];

/** A loader that overwrites the first block of its disk. */
const vandal = application((running) => {
  const [handle] = running.bs.locateHandleBuffer({ type: 'ByProtocol', protocol: BlockIoProtocol });
  if (handle === undefined) throw new TypeError('there is no disk');
  const blockIo = running.bs.handleProtocol(handle, BlockIoProtocol);
  blockIo.writeBlocks(blockIo.media.mediaId, 0, new Uint8Array(512));
  bootOsPatiently(running);
});

function booting(device: DeviceInput, machine: ScenarioInput['machine'] = {}): ScenarioInput {
  return {
    machine: { memory: '64 MiB', devices: [device], ...machine },
    firmware: { standIns: { '\\EFI\\BOOT\\BOOTX64.EFI': vandal } },
    differences: DIFFERENCES,
  };
}

describe.skipIf(skip !== undefined)(
  `a scenario on both machines ${skip ?? ''}`,
  { timeout: PATIENCE },
  () => {
    test('a disk that is writable is not written: the second boot finds what the first found', async () => {
      using image = new ImageFile(demoImage());
      const disk = { 'virtio-blk': { image: image.path, writable: true } };
      const comparison = await compareMachines(booting(disk));
      expect(undeclared(comparison)).toEqual([]);
      expect(agrees(comparison)).toBe(true);
      expect(Buffer.compare(image.bytes, demoImage())).toBe(0);
    });

    test('on a pc: configuration through ports instead of ECAM, and nothing else differs', async () => {
      using image = new ImageFile(demoImage());
      const disk = { 'virtio-blk': { image: image.path } };
      const comparison = await compareMachines(booting(disk, { machine: 'pc' }));
      expect(comparison.boots.map(({ machine }) => machine)).toEqual([
        'emulated, 64 MiB',
        'qemu pc, 64 MiB',
      ]);
      expect(undeclared(comparison)).toEqual([]);
    });

    test('steps are told, each with its machine', async () => {
      const scenario = defineScenario({
        machine: { memory: '64 MiB' },
        steps: [{ connect: 'all' }],
      });
      const steps: string[] = [];
      await compareScenario(scenario, host, { onProgress: (step) => steps.push(step) });
      expect([...new Set(steps)]).toEqual([
        'emulated: preparing',
        'emulated: machine',
        'emulated: dispatch',
        'emulated: load',
        'emulated: connect',
        'qemu: preparing',
        'qemu: machine',
        'qemu: dispatch',
        'qemu: load',
        'qemu: connect',
        'comparing',
      ]);
    });

    test('a microvm has no disks on PCI, nor a pc any on MMIO: said where it stands', async () => {
      const onPci = { 'virtio-blk': { image: { zeros: '1 MiB' } } };
      const onMmio = { 'virtio-blk': { image: { zeros: '1 MiB' }, transport: 'mmio' } } as const;
      await expect(compareMachines(booting(onPci, { machine: 'microvm' }))).rejects.toThrow(
        'machine.machine: a microvm has no devices on PCI',
      );
      await expect(compareMachines(booting(onMmio, { machine: 'pc' }))).rejects.toThrow(
        'machine.machine: a pc has no devices on MMIO of version 2',
      );
    });
  },
);
