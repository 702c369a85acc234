import { describe, expect, test } from 'vitest';
import { addAperture } from './aperture-space.ts';
import { FakeApertures } from './fake-spaces.fixture.ts';

const APERTURE = { base: 0x4000, length: 0x4000 };

describe('an aperture in its space (PciHostBridge.c: AddMemoryMappedIoSpace)', () => {
  test('is added where nothing was', () => {
    const space = new FakeApertures();
    addAperture(space, APERTURE);
    expect(space.added).toEqual([APERTURE]);
  });

  test('that was described before is there already', () => {
    const space = new FakeApertures();
    space.added.push({ base: 0, length: 0x10000 });
    addAperture(space, APERTURE);
    expect(space.added).toHaveLength(1);
  });

  test('fills what is missing of it', () => {
    const space = new FakeApertures();
    space.added.push({ base: 0x5000, length: 0x1000 });
    addAperture(space, APERTURE);
    expect(space.added.slice(1)).toEqual([
      { base: 0x4000, length: 0x1000 },
      { base: 0x6000, length: 0x2000 },
    ]);
  });

  test('where something else decodes addresses is refused', () => {
    const space = new FakeApertures();
    space.others.push({ base: 0x7fff, length: 1 });
    expect(() => addAperture(space, APERTURE)).toThrow('something else decodes 0x7fff-0x8000');
  });
});
