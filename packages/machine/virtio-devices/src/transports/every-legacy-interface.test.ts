import { describe, expect, test } from 'vitest';
import { Echo } from '../echo.fixture.ts';
import { INTERFACES } from './every-transport.fixture.ts';

const NOTIFY_ON_EMPTY = 1n << 24n;
const SOUND = Uint8Array.of(0x41);

describe.each(INTERFACES.filter(({ legacy }) => legacy))('$name', ({ create }) => {
  test('features may be written after the queue, or after first use (§3.1.2)', () => {
    const echo = new Echo();
    const driver = create(echo);
    driver.status = 1;
    driver.status = 3;
    driver.enable(0);
    driver.offer([SOUND, 1]);
    expect([driver.usedIndex(), echo.started]).toEqual([1, [0n]]);
    driver.accept(0b100n);
    driver.status = 7;
    driver.offer([SOUND, 1]);
    expect([driver.usedIndex(), echo.started]).toEqual([2, [0n, 0b100n]]);
    expect(driver.broken).toEqual([]);
  });

  test('with VIRTIO_F_NOTIFY_ON_EMPTY a driver that wants no notification gets the last (§6.3)', () => {
    const echo = new Echo();
    const driver = create(echo);
    driver.start(NOTIFY_ON_EMPTY);
    driver.machine.platform.ram.writeUint16(driver.rings(0).driver, 1);
    echo.mode = 'keep';
    driver.offer([SOUND, 1]);
    driver.offer([SOUND, 1], 0, 2);
    const [first, second] = echo.pending;
    if (first !== undefined) echo.host?.complete(0, first, 0);
    expect(driver.interrupts()).toBe(0);
    if (second !== undefined) echo.host?.complete(0, second, 0);
    expect(driver.interrupts()).toBe(1);
  });

  test('a queue at page 0 is out of use, until it is put somewhere again (§4.2.4)', () => {
    const driver = create(new Echo());
    driver.start();
    driver.select(0);
    driver.findings.length = 0;
    driver.place(16, { desc: 0, driver: 0, device: 0 });
    driver.findings.length = 0;
    driver.notify(0);
    expect(driver.broken).toHaveLength(1);
    driver.findings.length = 0;
    driver.enable(0);
    driver.offer([SOUND, 1]);
    expect([driver.usedIndex(), driver.broken]).toEqual([1, []]);
  });
});
