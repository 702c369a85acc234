import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { ByteRing } from './byte-ring.ts';

const CAPACITY = 65_536;

/** Both ends of one ring. */
function ends(): readonly [ByteRing, ByteRing] {
  const memory = ByteRing.memory();
  return [new ByteRing(memory), new ByteRing(memory)];
}

describe('a ring of bytes', () => {
  test('is read in the order in which it was written, and then empty', () => {
    const [writer, reader] = ends();
    for (const byte of [1, 2, 255]) writer.write(byte);
    expect([reader.read(), ...reader.readAll(), reader.read()]).toEqual([1, 2, 255, undefined]);
  });

  test('takes what it has room for, over its end again and again', () => {
    const [writer, reader] = ends();
    for (let round = 0; round < 3; round++) {
      let taken = 0;
      while (writer.write(taken & 0xff)) taken++;
      expect(taken).toBe(CAPACITY);
      const all = reader.readAll();
      expect(all).toHaveLength(CAPACITY);
      expect(all.every((byte, index) => byte === (index & 0xff))).toBe(true);
      writer.write(7);
      expect(reader.read()).toBe(7);
    }
  });

  test('says when its reader may not know of what was written', () => {
    const [writer, reader] = ends();
    const tells = (): boolean => {
      writer.write(0);
      return writer.holdsOne;
    };
    expect([tells(), tells()]).toEqual([true, false]);
    reader.readAll();
    expect(tells()).toBe(true);
  });

  test('does not sleep for what came since somebody looked', () => {
    const [writer, reader] = ends();
    const { written } = reader;
    writer.write(1);
    const start = performance.now();
    reader.waitForMore(written, 10_000);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('wakes up a reader that sleeps in another thread', async () => {
    const memory = ByteRing.memory();
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const positions = new Int32Array(workerData, 0, 2);
      parentPort.postMessage('asleep');
      parentPort.postMessage(Atomics.wait(positions, 0, 0, 30_000));`;
    const sleeper = new Worker(program, { eval: true, workerData: memory });
    const said: string[] = [];
    await new Promise<void>((resolve) => {
      sleeper.on('message', (word: string) => {
        said.push(word);
        if (word !== 'asleep') resolve();
        else setTimeout(() => new ByteRing(memory).write(1), 50);
      });
    });
    await sleeper.terminate();
    expect(said[1]).toMatch(/^(ok|not-equal)$/);
  });
});
