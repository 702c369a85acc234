import { describe, expect, test } from 'vitest';
import { Echo } from '../echo.fixture.ts';
import { VERSION_1 } from '../test-driver.fixture.ts';
import { INTERFACES } from './every-transport.fixture.ts';

const SOUND = Uint8Array.of(0x41);

describe.each(INTERFACES.filter(({ legacy }) => !legacy))('$name', ({ create, configuration }) => {
  test('VIRTIO_F_VERSION_1 must be accepted if it is offered (§6.1)', () => {
    const driver = create(new Echo());
    driver.start(0n);
    expect(driver.status).toBe(3);
    expect(driver.broken[0]).toBe('virtio-1.4 6.1');
    const other = create(new Echo(), { withhold: VERSION_1 });
    other.start(0n);
    expect(other.status).toBe(0x0f);
  });

  test('rings of a smaller size may be chosen (§2.7)', () => {
    const driver = create(new Echo());
    driver.start(VERSION_1, 4);
    for (let round = 1; round <= 9; round++) driver.offer([SOUND, 1]);
    expect(driver.usedIndex()).toBe(9);
    expect(driver.broken).toEqual([]);
  });

  test.each([3, 32, 0])('%i descriptors are not', (size) => {
    const driver = create(new Echo());
    driver.negotiate();
    driver.select(0);
    driver.place(size, driver.rings(0));
    expect(driver.broken).toEqual([`virtio-1.4 ${configuration}`]);
  });
});
