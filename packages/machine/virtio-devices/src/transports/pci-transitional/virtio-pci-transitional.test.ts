import { describe, expect, test } from 'vitest';
import { Echo } from '../../echo.fixture.ts';
import { VERSION_1 } from '../../test-driver.fixture.ts';
import type { Width } from '../../test-driver.fixture.ts';
import { TestMachine } from '../../test-machine.fixture.ts';
import { VirtioPciTransitional } from './virtio-pci-transitional.ts';

const PORTS = 0xc000;
const SOUND = Uint8Array.of(0x41);

/** A driver of the modern interface, that can reach the legacy one as well. */
class BothInterfaces extends TestMachine {
  readonly echo: Echo;

  constructor() {
    const echo = new Echo();
    super(echo, {}, new VirtioPciTransitional(echo));
    this.echo = echo;
    this.setConfig(0x10, 4, PORTS);
    this.setConfig(0x04, 2, 0x0007);
  }

  in(offset: number, width: Width): number {
    const { ports } = this.machine.platform;
    if (width === 1) return ports.read8(PORTS + offset);
    return width === 2 ? ports.read16(PORTS + offset) : ports.read32(PORTS + offset);
  }

  out(offset: number, width: Width, value: number): void {
    const { ports } = this.machine.platform;
    if (width === 1) ports.write8(PORTS + offset, value);
    else if (width === 2) ports.write16(PORTS + offset, value);
    else ports.write32(PORTS + offset, value);
  }
}

describe('discovery (§4.1.2.3)', () => {
  test('is what legacy drivers look for: a transitional id, revision 0, the type as subsystem', () => {
    const bench = new BothInterfaces();
    expect(bench.getConfig(0x00, 4)).toBe(0x102a_1af4);
    expect([bench.getConfig(0x08, 1), bench.getConfig(0x2e, 2)]).toEqual([0, 42]);
  });

  test('and the capabilities that modern drivers look for (§4.1.5.1.1.1)', () => {
    const bench = new BothInterfaces();
    const types: number[] = [];
    for (let at = bench.getConfig(0x34, 1); at !== 0; at = bench.getConfig(at + 1, 1)) {
      types.push(bench.getConfig(at, 1) === 9 ? bench.getConfig(at + 3, 1) : 0);
    }
    expect(types).toEqual([0, 5, 2, 4, 3, 1]);
    expect([bench.getConfig(0x10, 4) & 1, bench.getConfig(0x20, 4) & 7]).toEqual([1, 4]);
  });
});

describe('two interfaces of one device (§2.2.3, §4.1.4.10)', () => {
  test('show the same status, queues and configuration', () => {
    const bench = new BothInterfaces();
    bench.start(VERSION_1 | 1n);
    bench.writeConfig(3, 1, 0x99);
    expect([bench.in(0x12, 1), bench.in(0x0c, 2), bench.in(0x17, 1)]).toEqual([0x0f, 16, 0x99]);
    bench.offer([SOUND, 1]);
    expect([bench.in(0x13, 1), bench.interrupts()]).toEqual([1, 0]);
    expect(bench.broken).toEqual([]);
  });

  test('offer each its own features: the legacy one no more than 32', () => {
    const bench = new BothInterfaces();
    expect(bench.in(0x00, 4)).toBe(0x3900_0005);
    expect(bench.features).toBe(0x101_3000_0005n);
  });

  test('a driver holds to the rules of the one that it has begun with', () => {
    const bench = new BothInterfaces();
    bench.out(0x12, 1, 1);
    bench.out(0x12, 1, 3);
    bench.out(0x12, 1, 7);
    expect(bench.status).toBe(7);
    bench.status = 0;
    bench.start();
    expect(bench.in(0x12, 1)).toBe(0x0f);
    expect(bench.broken).toEqual([]);
  });

  test('a driver that mixes them is reported', () => {
    const bench = new BothInterfaces();
    bench.start();
    bench.out(0x0e, 2, 1);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.10']);
    bench.findings.length = 0;
    bench.out(0x12, 1, 0);
    bench.out(0x12, 1, 1);
    bench.set(0x2000, 1, 1);
    expect(bench.broken).toEqual(['virtio-1.4 4.1.4.10']);
  });

  test('a driver may reset what another left behind, through either', () => {
    const bench = new BothInterfaces();
    bench.start();
    bench.out(0x12, 1, 0);
    expect([bench.status, bench.echo.resets]).toEqual([0, 2]);
    bench.out(0x12, 1, 1);
    bench.status = 0;
    expect(bench.in(0x12, 1)).toBe(0);
    expect(bench.broken).toEqual([]);
  });

  test('a reset through one forgets what was selected in the other', () => {
    const bench = new BothInterfaces();
    bench.set(0x16, 2, 1);
    bench.out(0x0e, 2, 1);
    bench.out(0x12, 1, 0);
    expect([bench.get(0x16, 2), bench.in(0x0e, 2)]).toEqual([0, 0]);
  });
});
