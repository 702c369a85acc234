import { describe, expect, test } from 'vitest';
import { AVAIL_1, NEXT, oneRead, RingBench, WRITE } from './ring-bench.fixture.ts';
import { RingSelectionError, summarize, tellStory } from './tell-story.ts';
import type { RingSelection } from './tell-story.ts';

const told = (selection?: RingSelection) => tellStory([oneRead().recorder], selection);

describe('the story of a request', () => {
  test('goes from its first descriptor until it is used', () => {
    expect(told().steps.map(({ caption }) => caption)).toEqual([
      'The driver writes descriptor 0: 16 bytes for the device to read; descriptor 1 comes next.',
      'The driver writes descriptor 1: 512 bytes for the device to write; descriptor 2 comes next.',
      'The driver writes descriptor 2: 1 byte for the device to write; the request ends here.',
      'The driver puts the head, descriptor 0, into entry 0 of the available ring, where the device does not look yet.',
      "The driver advances the available index to 1. With that request 1 is the device's.",
      'The driver notifies the device: there is something new on this queue.',
      'The device has used request 1 and says so in element 0 of the used ring: it wrote 513 bytes. The used index is 1.',
    ]);
  });

  test('is shown where the device has the request, unless another step is wanted', () => {
    expect(told().pictures).toMatchObject([{ step: { number: 6 }, notifies: true }]);
    expect(told({ step: 2 }).pictures).toMatchObject([{ fresh: ['descriptor 1'] }]);
    expect(told({ step: 'all' }).pictures).toHaveLength(7);
  });

  test('of a packed ring says why the head comes last (virtio §2.8.21.1)', () => {
    const bench = new RingBench({ format: 'packed' }).descriptor(0, 0x8000, 16, 0);
    bench.descriptor(1, 0x9000, 512, WRITE | AVAIL_1).driver16(0x100e, NEXT | AVAIL_1);
    bench.notify().usedDescriptor(0, 0, 512, 1);
    expect(tellStory([bench.recorder]).steps.map(({ caption }) => caption)).toEqual([
      'The driver writes descriptor 0, but not as available: 16 bytes. Until its flags say so, the device does not see the list.',
      'The driver writes descriptor 1: 512 bytes for the device to write; the request ends here.',
      "The driver writes the flags of the head, descriptor 0, last: AVAIL 1, as its wrap counter, and USED 0. With that request 1 is the device's.",
      'The driver notifies the device: there is something new on this queue.',
      'The device has used request 1 and says so with a used descriptor in place of descriptor 0, where AVAIL and USED are alike: it wrote 512 bytes.',
    ]);
  });

  test('of each request begins anew, though descriptors are the same', () => {
    const bench = oneRead().descriptor(0, 0x8000, 8, WRITE).available(2, 0).used(2, 0, 8);
    const second = tellStory([bench.recorder], { request: 2, step: 1 });
    expect(second.steps).toHaveLength(4);
    expect(second.pictures).toMatchObject([{ fresh: ['descriptor 0'], request: { written: 8 } }]);
    expect(tellStory([bench.recorder], { request: 'last' })).toEqual(
      tellStory([bench.recorder], { request: 2 }),
    );
  });

  test('of one that never comes back ends with the recording, or with its queue', () => {
    const bench = new RingBench().descriptor(0, 0x8000, 8, NEXT, 0).available(1, 0).notify();
    expect(tellStory([bench.recorder]).steps).toHaveLength(4);
    bench.recorder.takenBack();
    bench.recorder.setUp(bench.place);
    const { steps } = tellStory([bench.recorder]);
    expect(steps.at(-1)?.caption).toBe('The driver takes the queue back.');
  });

  test('is found by a part of the device name and by the queue', () => {
    expect(told({ device: 'blk', queue: 0 })).toEqual(told());
  });
});

describe('what is not there is refused with what is:', () => {
  test.each<[RingSelection, RegExp]>([
    [{ device: 'scsi' }, /no device 'scsi' .*; there is virtio-blk 02\.0 queue 0 \(1 request\)/],
    [{ queue: 3 }, /there is no queue 3; there is virtio-blk 02\.0 queue 0 \(1 request\)/],
    [{ request: 2 }, /there is no request 2: virtio-blk 02\.0 has 1 request on queue 0/],
    [{ step: 8 }, /there is no step 8: request 1 has 7 steps/],
  ])('%o', (selection, message) => {
    expect(() => told(selection)).toThrow(message);
    expect(() => told(selection)).toThrow(RingSelectionError);
  });

  test('a run without queues, and a queue without requests', () => {
    expect(() => tellStory([])).toThrow('no driver has set up a virtqueue in this run');
    expect(() => tellStory([new RingBench().recorder], { request: 'last' })).toThrow(
      /no last request: virtio-blk 02\.0 has 0 requests/,
    );
  });

  test('a name that two devices have', () => {
    const { frames } = oneRead().recorder;
    const queues = ['virtio-blk 02.0', 'virtio-blk 03.0', 'virtio-blk 03.01'].map((device) => ({
      device,
      queue: 0,
      frames,
    }));
    expect(() => tellStory(queues, { device: 'blk' })).toThrow(
      /'blk' can be 'virtio-blk 02\.0' or 'virtio-blk 03\.0'/,
    );
    expect(tellStory(queues, { device: 'virtio-blk 03.0' }).device).toBe('virtio-blk 03.0');
    expect(summarize(queues)).toHaveLength(3);
  });
});
