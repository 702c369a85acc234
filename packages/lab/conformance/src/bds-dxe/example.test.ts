import { isTerminalSignal } from '@dxelab/platform';
import { createDxeCore } from '@dxelab/dxe-core';
import { createEmulatedMachine } from '@dxelab/emulated-machine';
import { ovmf } from '@dxelab/ovmf';
import { PciHostBridge } from '@dxelab/pci-devices';
import { Quirks } from '@dxelab/uefi-lib';
import { expect, test } from 'vitest';
import { attempts, bds } from './example.fixture.ts';

test('the example tries its options, and tells what became of them', () => {
  const { platform } = createEmulatedMachine({ memory: 2 ** 26, devices: [new PciHostBridge()] });
  const modules = [...ovmf().filter(({ name }) => name !== bds.name), bds];
  const core = createDxeCore(platform, { modules, quirks: new Quirks('specification') });
  expect(() => core.run()).toThrow(expect.toSatisfy(isTerminalSignal));
  expect(attempts).toEqual(['disk: EFI_NOT_FOUND', 'tool: EFI_NOT_FOUND']);
});
