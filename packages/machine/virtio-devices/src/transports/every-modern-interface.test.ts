import { describe, expect, test } from 'vitest';
import { Echo } from '../echo.fixture.ts';
import { VERSION_1 } from '../test-driver.fixture.ts';
import { INTERFACES } from './every-transport.fixture.ts';

const RING_RESET = 1n << 40n;
const SOUND = Uint8Array.of(0x41);

const MODERN = INTERFACES.flatMap(({ modern, ...others }) =>
  modern === undefined ? [] : [{ ...others, modern }],
);

describe.each(MODERN)('$name', ({ create, configuration, modern }) => {
  const { generation, queueReset } = modern;

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

  test('the configuration has a new generation when it was read after a change (§2.5)', () => {
    const echo = new Echo();
    const driver = create(echo);
    const current = (): number => driver.get(generation.offset, generation.width);
    const before = current();
    driver.config(0, 4);
    expect(current()).toBe(before);
    echo.host?.configChanged();
    driver.config(0, 4);
    expect(current()).not.toBe(before);
    expect(driver.broken).toEqual([]);
  });

  test('a queue is reset alone, and put into use again, where it was negotiated (§2.6.1)', () => {
    const echo = new Echo();
    const driver = create(echo);
    driver.start(VERSION_1 | RING_RESET);
    for (const queue of [0, 1]) driver.offer([SOUND, 1], queue);
    driver.select(0);
    driver.set(queueReset.offset, queueReset.width, 1);
    expect(driver.get(queueReset.offset, queueReset.width)).toBe(0);
    driver.enable(0, 8);
    for (const queue of [0, 1]) driver.offer([SOUND, 2], queue);
    // The ring of queue 0 began anew, and with another size; the other one went on.
    expect([driver.usedIndex(0), driver.usedIndex(1)]).toEqual([1, 2]);
    expect(driver.status).toBe(0x0f);
    expect(driver.broken).toEqual([]);
  });

  test('elsewhere it is not, and goes on', () => {
    const driver = create(new Echo());
    driver.start();
    driver.select(0);
    driver.set(queueReset.offset, queueReset.width, 1);
    expect(driver.broken).toEqual([`virtio-1.4 ${configuration}`]);
    driver.offer([SOUND, 1]);
    expect(driver.usedIndex()).toBe(1);
  });
});
