import { efiStatusOf } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { legacyRingPage, notificationData, waitForQueueReset } from './queue-access.ts';

function statusOf(body: () => void): string {
  try {
    body();
    return 'EFI_SUCCESS';
  } catch (caught) {
    return efiStatusOf(caught);
  }
}

describe('notification data (virtio §4.1.5.2, §4.2.3.3)', () => {
  test.each([
    [0, 1, 0x0001_0000],
    [5, 0x7fff, 0x7fff_0005],
    [5, 0xffff, 0xffff_0005],
  ])('queue %d, next %d', (index, next, value) => {
    expect(notificationData(index, next)).toBe(value);
  });
});

describe('a queue that is being reset (§2.6.1)', () => {
  test('is waited for', () => {
    let looks = 0;
    const stalls: number[] = [];
    const ongoing = (): boolean => (looks += 1) < 4;
    waitForQueueReset(0, ongoing, { stall: (time) => void stalls.push(time) });
    expect(stalls).toEqual([10, 20, 40]);
  });

  test('and does not come back within a second: EFI_DEVICE_ERROR', () => {
    let waited = 0;
    const stall = (time: number): void => void (waited += time);
    expect(statusOf(() => waitForQueueReset(0, () => true, { stall }))).toBe('EFI_DEVICE_ERROR');
    expect(waited).toBeGreaterThanOrEqual(1_000_000);
    expect(waited).toBeLessThan(1_010_000);
  });
});

describe('a ring for a legacy device (§2.7.2)', () => {
  test('is known by its first page', () => {
    expect(legacyRingPage({ descriptor: 0x7000, driver: 0x8000, device: 0x9000 }, 256)).toBe(7);
  });

  test.each([
    ['the available ring elsewhere', { descriptor: 0x7000, driver: 0x8010, device: 0x9000 }],
    ['the used ring elsewhere', { descriptor: 0x7000, driver: 0x8000, device: 0xa000 }],
    ['not at a page', { descriptor: 0x7010, driver: 0x8010, device: 0x9000 }],
  ])('%s: EFI_UNSUPPORTED', (_name, areas) => {
    expect(statusOf(() => legacyRingPage(areas, 256))).toBe('EFI_UNSUPPORTED');
  });
});
