import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inquire } from './inquire.ts';
import { everyAddress, reportedAddresses } from './scan.ts';
import type { ScriptedLun } from './scripted-channel.fixture.ts';
import { ScriptedChannel } from './scripted-channel.fixture.ts';

const places = (channel: ScriptedChannel, reported: boolean): readonly string[] =>
  [...(reported ? reportedAddresses(channel) : everyAddress(channel))].map(
    ({ target, lun }) => `${target[0]}:${lun}`,
  );

describe('which logical units a channel could have', () => {
  test('EDK II: all of them, without asking', () => {
    const channel = new ScriptedChannel({ targets: 2, luns: 2 }).plug(1, 0);
    expect(places(channel, false)).toEqual(['0:0', '0:1', '1:0', '1:1']);
    expect(channel.seen).toEqual([]);
  });

  test('what REPORT LUNS lists (SPC-6 §6.38): a command for each target', () => {
    const channel = new ScriptedChannel({ targets: 256, luns: 16384 })
      .plug(3, 0)
      .plug(3, 9000)
      .plug(200, 5);
    expect(places(channel, true)).toEqual(['3:0', '3:9000', '200:5']);
    expect(channel.seen).toHaveLength(256);
  });

  test('a target with more LUNs than were expected is asked again with more room', () => {
    const channel = new ScriptedChannel({ targets: 1, luns: 100 });
    for (let lun = 0; lun < 100; lun++) channel.plug(0, lun);
    expect(places(channel, true)).toHaveLength(100);
    expect(channel.seen).toEqual(['a0 0:0', 'a0 0:0']);
  });

  test('a target from before REPORT LUNS has eight at most', () => {
    const channel = new ScriptedChannel({ targets: 1, luns: 300, knowsReportLuns: false });
    channel.plug(0, 0);
    expect(places(channel, true)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((lun) => `0:${lun}`));
  });
});

describe('what a target says is not to be trusted', () => {
  test('property: any REPORT LUNS data are LUNs that a channel could have, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (reportLuns) => {
        const channel = new ScriptedChannel({ targets: 1, reportLuns }).plug(0, 0);
        for (const { lun } of reportedAddresses(channel)) {
          expect(Number.isInteger(lun) && lun >= 0 && lun < 16384).toBe(true);
        }
        expect(channel.seen.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('property: any INQUIRY data are a unit, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (data, statusIgnored) => {
        const channel = new ScriptedChannel().plug(0, 0, { first: [{ data }] });
        const found = inquire(channel, { target: new Uint8Array(16), lun: 0 }, statusIgnored);
        expect(found?.peripheralQualifier ?? 0).toBe(0);
        const isCut = !statusIgnored && data.length < 36;
        expect(isCut && found !== undefined).toBe(false);
      }),
    );
  });
});

describe('INQUIRY decides whether a unit is there', () => {
  const ask = (unit: ScriptedLun, statusIgnored: boolean) => {
    const channel = new ScriptedChannel().plug(0, 0, unit);
    const found = inquire(channel, { target: new Uint8Array(16), lun: 0 }, statusIgnored);
    return [found?.deviceType, channel.seen.length] as const;
  };

  test.each<[what: string, unit: ScriptedLun, found: number | undefined, commands: number]>([
    ['a disk', {}, 0, 1],
    ['a CD-ROM', { deviceType: 5 }, 5, 1],
    ['a well-known unit', { deviceType: 0x1e }, 0x1e, 1],
    ['a reserved type', { deviceType: 0x14 }, undefined, 1],
    ['the last reserved type', { deviceType: 0x1d }, undefined, 1],
    ['a place where a unit could be', { qualifier: 1 }, undefined, 1],
    ['a place where none can be', { qualifier: 3, deviceType: 0x1f }, undefined, 1],
    ['one that answers the second time', { first: [{ throws: 'EFI_TIMEOUT' }] }, 0, 2],
    [
      'one that does not answer',
      { first: [{ throws: 'EFI_TIMEOUT' }, { throws: 'EFI_DEVICE_ERROR' }] },
      undefined,
      2,
    ],
    ['one that the channel cannot ask', { first: [{ throws: 'EFI_UNSUPPORTED' }] }, undefined, 1],
    [
      'one that is too slow to be cut short',
      { first: [{ throws: 'EFI_BAD_BUFFER_SIZE' }] },
      undefined,
      1,
    ],
    ['one that refuses', { first: [{ sense: [5, 0x2500] }] }, undefined, 1],
  ])('%s', (_what, unit, found, commands) => {
    expect(ask(unit, false)).toEqual([found, commands]);
    expect(ask(unit, true)).toEqual([found, commands]);
  });

  test.each<[what: string, unit: ScriptedLun, found: number | undefined, commands: number]>([
    ['BUSY', { first: [{ status: 0x08 }] }, 0, 2],
    ['a unit attention', { first: [{ sense: [6, 0x2900] }] }, 0, 2],
    ['BUSY twice', { first: [{ status: 0x08 }, { status: 0x28 }] }, undefined, 2],
    ['another CHECK CONDITION', { first: [{ sense: [4, 0x4400] }] }, undefined, 1],
    ['too few data', { deviceType: 5, first: [{ data: Uint8Array.of(5, 0, 0) }] }, undefined, 1],
  ])('%s: not believed, unless ScsiBusDxe.InquiryStatusIgnored', (_what, unit, found, commands) => {
    expect(ask(unit, false)).toEqual([found, commands]);
    const isData = unit.first?.[0]?.data !== undefined;
    expect(ask(unit, true)).toEqual([isData ? 5 : 0, 1]);
  });
});
