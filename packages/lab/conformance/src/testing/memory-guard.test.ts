import { createLab, virtioBlk, zeros } from '@dxelab/testing';
import { guid } from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';

const DISK = 'PciRoot(0x0)/Pci(0x2,0x0)';

/** Writes one byte too many, and reads what it has freed. */
const carelessDxe: DxeModule = {
  name: 'CarelessDxe',
  fileGuid: guid('0f0e7c3a-41c5-4f5e-8a6e-5be34a1d0010'),
  moduleType: 'DXE_DRIVER',
  depex: { op: 'TRUE' },
  entryPoint(_imageHandle, { bootServices: bs }, { ram }) {
    const buffer = bs.allocatePool('EfiBootServicesData', 24);
    ram.writeBytes(buffer.address, new Uint8Array(25));
    bs.freePool(buffer);
    ram.readUint8(buffer.address);
  },
};

describe('a lab with a memory guard', () => {
  test('finds what a driver does to memory, with the lines of its code', () => {
    const { findings } = createLab({ drivers: [carelessDxe], memoryGuard: true });
    const site = String.raw`CarelessDxe at \S*memory-guard\.test\.ts:\d+`;
    expect(findings.map(({ rule }) => rule)).toEqual(['memory overflow', 'memory use-after-free']);
    expect(findings[0]?.message).toMatch(
      new RegExp(
        `^CarelessDxe wrote 25 bytes at 0x[0-9a-f]+: byte 0 of 24 bytes, allocated by ${site}$`,
      ),
    );
    expect(findings[1]?.message).toMatch(new RegExp(`allocated by ${site}, freed by ${site}$`));
  });

  test('finds nothing without it', () => {
    expect(createLab({ drivers: [carelessDxe] }).findings).toEqual([]);
  });

  test.each(PROFILES)('finds nothing in the firmware’s own drivers (%s)', (profile) => {
    const devices = [virtioBlk({ image: zeros('1 MiB') })];
    const lab = createLab({ profile, devices, memoryGuard: true });
    lab.connect(DISK);
    lab.disconnect();
    expect(lab.findings).toEqual([]);
  });
});
