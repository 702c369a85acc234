import type { EfiBootServices, GuestBuffer } from '@dxelab/uefi';
import type { ModuleLibraries } from '@dxelab/uefi-lib';
import { Quirks } from '@dxelab/uefi-lib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { module, statusOf } from '../core/core-world.fixture.ts';
import { createDxeCore } from '../core/dxe-core.ts';
import type { FirmwareFinding } from '../core/firmware-finding.ts';
import { TestPlatform } from '../test-platform.fixture.ts';

type Ram = ModuleLibraries['ram'];

/** What is found when a driver does this in a guarded firmware. */
function found(body: (bs: EfiBootServices, ram: Ram) => void): readonly FirmwareFinding[] {
  const findings: FirmwareFinding[] = [];
  const driver = module('CarelessDxe', (bs, _handle, _table, { ram }) => body(bs, ram));
  const core = createDxeCore(new TestPlatform(), {
    modules: [driver],
    quirks: new Quirks('specification'),
    memoryGuard: true,
    onFinding: (finding) => findings.push(finding),
  });
  core.dispatch();
  expect(core.moduleFailures()).toEqual([]);
  return findings;
}

const rulesOf = (findings: readonly FirmwareFinding[]): string[] =>
  findings.map(({ rule }) => rule);

function pool(bs: EfiBootServices, size: number): GuestBuffer {
  return bs.allocatePool('EfiBootServicesData', size);
}

describe('a guard over guest memory', () => {
  test('has nothing to say of a driver that is careful', () => {
    const findings = found((bs, ram) => {
      const buffer = pool(bs, 100);
      ram.writeBytes(buffer.address, new Uint8Array(100));
      ram.writeUint32(buffer.address + 96, 1);
      const pages = bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 2);
      ram.fill(pages, 8192, 0xff);
      bs.copyMem(pages, buffer.address, 100);
      bs.setMem(buffer.address, 100, 0);
      expect(ram.readUint8(pages + 100)).toBe(0xff);
      bs.freePages(pages, 2);
      bs.freePool(buffer);
    });
    expect(findings).toEqual([]);
  });

  test('use after free names who allocated it and who freed it', () => {
    const findings = found((bs, ram) => {
      const buffer = pool(bs, 16);
      bs.freePool(buffer);
      ram.readUint16(buffer.address + 4);
    });
    expect(rulesOf(findings)).toEqual(['memory use-after-free']);
    expect(findings[0]?.image).toBe('CarelessDxe');
    expect(findings[0]?.message).toMatch(
      /^CarelessDxe read 2 bytes at 0x[0-9a-f]+: byte 4 of 16 bytes, allocated by CarelessDxe, freed by CarelessDxe$/,
    );
  });

  test('the pool does not hand a freed block out at once, so that its use is seen', () => {
    const findings = found((bs, ram) => {
      const buffer = pool(bs, 16);
      bs.freePool(buffer);
      expect(pool(bs, 16).address).not.toBe(buffer.address);
      ram.writeUint8(buffer.address, 1);
    });
    expect(rulesOf(findings)).toEqual(['memory use-after-free']);
  });

  test('an overflow is seen at the first byte behind what was asked for', () => {
    const findings = found((bs, ram) => {
      const { address } = pool(bs, 10);
      ram.writeUint8(address + 9, 1);
      ram.writeUint32(address + 8, 1);
      ram.writeUint8(address + 10, 1);
      ram.writeBytes(address, new Uint8Array(11));
      bs.setMem(address, 11, 0);
    });
    expect(rulesOf(findings)).toEqual(Array.from({ length: 4 }, () => 'memory overflow'));
    expect(findings[1]?.message).toContain('byte 10 of 10 bytes, allocated by CarelessDxe');
  });

  test('a second FreePool is EFI_INVALID_PARAMETER, as ever, and a finding', () => {
    const findings = found((bs) => {
      const buffer = pool(bs, 16);
      bs.freePool(buffer);
      expect(statusOf(() => bs.freePool(buffer))).toBe('EFI_INVALID_PARAMETER');
    });
    expect(rulesOf(findings)).toEqual(['memory double-free']);
  });

  test('pages that were freed, and pages that nobody has ever allocated', () => {
    const findings = found((bs, ram) => {
      const pages = bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 4);
      bs.freePages(pages + 4096, 2);
      ram.readUint8(pages);
      ram.readUint8(pages + 4096);
      expect(statusOf(() => bs.freePages(pages + 4096, 1))).toBe('EFI_NOT_FOUND');
      ram.copy(pages, 0x10_0000, 16);
    });
    expect(rulesOf(findings)).toEqual([
      'memory use-after-free',
      'memory double-free',
      'memory wild-access',
    ]);
  });

  test('memory that is allocated anew is good again', () => {
    const findings = found((bs, ram) => {
      const pages = bs.allocatePages('AllocateAnyPages', 'EfiLoaderData', 1);
      bs.freePages(pages, 1);
      bs.allocatePages('AllocateAddress', 'EfiLoaderData', 1, pages);
      ram.readUint32(pages);
    });
    expect(findings).toEqual([]);
  });

  test('costs no virtual time, and without it nothing is watched', () => {
    const time = (memoryGuard: boolean): number => {
      const platform = new TestPlatform();
      const driver = module('Dxe', (bs, _handle, _table, { ram }) => {
        const buffer = pool(bs, 16);
        bs.freePool(buffer);
        ram.writeUint8(buffer.address, 1);
      });
      const quirks = new Quirks('specification');
      createDxeCore(platform, { modules: [driver], quirks, memoryGuard }).dispatch();
      return platform.cycles.now;
    };
    expect(time(true)).toBe(time(false));
  });

  test('property: after any allocations and frees, exactly what is out can be used', () => {
    const step = fc.record({ free: fc.nat(), size: fc.integer({ min: 1, max: 5000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const live: GuestBuffer[] = [];
        const gone: GuestBuffer[] = [];
        const findings = found((bs, ram) => {
          for (const { free, size } of steps) {
            const [victim] = free % 2 === 0 ? [] : live.splice(free % Math.max(live.length, 1), 1);
            if (victim === undefined) live.push(pool(bs, size));
            else {
              bs.freePool(victim);
              gone.push(victim);
            }
          }
          for (const { address, length } of live) ram.fill(address, length, 1);
          for (const { address, length } of gone) ram.fill(address, length, 1);
        });
        expect(rulesOf(findings)).toEqual(gone.map(() => 'memory use-after-free'));
      }),
    );
  });
});
