import type { ReportedHandle } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { driverNamesText } from './driver-names-text.ts';
import { createStyle } from './style.ts';

function handle(more: Partial<ReportedHandle>): ReportedHandle {
  const nothing = { devicePath: undefined, image: undefined, protocols: [], guids: [] };
  return { number: 1, ...nothing, drivers: [], children: [], ...more };
}

test('the drivers that manage something are called as they call themselves', () => {
  const handles = [
    handle({ image: 'FatDxe', driverName: 'FAT File System Driver' }),
    handle({ image: 'MyDriver', driverName: 'My \u001B[31mDriver', efiVersion: '2.11' }),
    handle({ image: 'Nameless' }),
    handle({ image: 'Idle', driverName: 'Idle Driver' }),
    handle({ drivers: ['FatDxe', 'MyDriver', 'Nameless'] }),
  ];
  const [fat, mine, ...others] = driverNamesText(handles, createStyle(false));
  expect(fat).toBe('  FatDxe    FAT File System Driver');
  expect(mine).toMatch(/^ {2}MyDriver {2}My .*Driver \(for UEFI 2\.11\)$/);
  expect(mine).not.toContain('\u001B');
  expect(others).toEqual([]);
});
