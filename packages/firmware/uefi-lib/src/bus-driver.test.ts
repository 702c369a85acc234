import { EfiError, isEfiFailure } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { stopChildren } from './bus-driver.ts';

// What opens and installs is tested with the core: lab/conformance/src/{pci-bus,scsi-bus,partition}-dxe.
describe('children that are stopped', () => {
  const refusal = new EfiError('EFI_ACCESS_DENIED', 'in use');

  test('one that stays keeps no other from going, and is told', () => {
    const stopped: number[] = [];
    let caught: unknown;
    try {
      stopChildren([1, 2, 3], 'partitions', (child) => {
        if (child === 2) throw refusal;
        stopped.push(child);
      });
    } catch (thrown) {
      caught = thrown;
    }
    expect(stopped).toEqual([1, 3]);
    expect(isEfiFailure(caught) && caught.cause).toBe(refusal);
    expect(caught).toMatchObject({
      message: 'EFI_DEVICE_ERROR: 1 partitions are not stopped',
    });
  });

  test('a bug goes on at once', () => {
    const bug = new TypeError('a bug');
    const stop = (): never => {
      throw bug;
    };
    expect(() => stopChildren([1], 'partitions', stop)).toThrow(bug);
  });
});
