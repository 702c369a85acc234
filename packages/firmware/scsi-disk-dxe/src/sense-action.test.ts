import type { ScsiSense } from '@dxelab/scsi';
import { describe, expect, test } from 'vitest';
import type { SenseAction } from './sense-action.ts';
import { edk2SenseAction, senseAction } from './sense-action.ts';

const sense = (key: number, code: number): ScsiSense => ({
  key,
  code,
  deferred: false,
  information: undefined,
});

describe('what follows from sense data (SPC-6 §4.4.8), and what EDK II makes of them', () => {
  test.each<[key: number, code: number, standard: SenseAction | 'stopped', edk2: SenseAction]>([
    [0x0, 0x0000, 'none', 'none'],
    [0x1, 0x1700, 'none', 'other'],
    [0x2, 0x0400, 'failed', 'failed'],
    [0x2, 0x0401, 'later', 'later'],
    [0x2, 0x0402, 'stopped', 'failed'],
    [0x2, 0x0600, 'failed', 'medium-error'],
    [0x2, 0x3a00, 'no-media', 'no-media'],
    [0x2, 0x3a02, 'no-media', 'no-media'],
    [0x3, 0x0c00, 'medium-error', 'other'],
    [0x3, 0x1000, 'medium-error', 'medium-error'],
    [0x3, 0x1100, 'medium-error', 'medium-error'],
    [0x3, 0x1400, 'medium-error', 'medium-error'],
    [0x3, 0x3000, 'medium-error', 'medium-error'],
    [0x4, 0x4400, 'failed', 'medium-error'],
    [0x5, 0x2400, 'failed', 'other'],
    [0x6, 0x2800, 'changed', 'changed'],
    [0x6, 0x2801, 'changed', 'changed'],
    [0x6, 0x2900, 'again', 'later'],
    [0x6, 0x2a01, 'again', 'other'],
    [0x6, 0x2a09, 'changed', 'other'],
    [0x6, 0x3f0e, 'again', 'other'],
    [0x7, 0x2700, 'protected', 'other'],
    [0x8, 0x0000, 'failed', 'other'],
    [0xb, 0x4700, 'again', 'other'],
    [0xe, 0x1d00, 'failed', 'other'],
  ])('key %x, code %x: %s, %s', (key, code, standard, edk2) => {
    expect(senseAction(sense(key, code))).toBe(standard);
    expect(edk2SenseAction([sense(key, code)])).toBe(edk2);
  });

  test('nothing is said', () => {
    expect(senseAction(undefined)).toBe('failed');
    expect(edk2SenseAction([])).toBe('none');
  });

  test('a deferred error is one of a command that was said to be done', () => {
    expect(senseAction({ ...sense(0x6, 0x2900), deferred: true })).toBe('failed');
  });

  test('of several, EDK II asks each question of all: no medium comes before a reset', () => {
    const both = [sense(0x6, 0x2900), sense(0x2, 0x3a00)];
    expect(edk2SenseAction(both)).toBe('no-media');
    expect(edk2SenseAction([sense(0, 0), ...both])).toBe('none');
    expect(edk2SenseAction([sense(0x2, 0x0401), sense(0x2, 0x0402)])).toBe('failed');
  });
});
