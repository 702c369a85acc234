import type { EfiEvent } from '@dxelab/uefi';
import { ScsiCommand } from '@dxelab/uefi-scsi-lib';
import { describe, expect, test } from 'vitest';
import { ScriptedChannel } from './scripted-channel.fixture.ts';
import { ScsiIo } from './scsi-io.ts';

const target = Uint8Array.of(2, ...new Uint8Array(15));

function world(attributes: number, signalsIgnoredEvent = false) {
  const channel = new ScriptedChannel({ attributes }).plug(2, 3);
  const signalled: EfiEvent[] = [];
  const bs = { signalEvent: (event: EfiEvent) => void signalled.push(event) };
  const scsiIo = new ScsiIo(channel, { target, lun: 3 }, 5, bs, signalsIgnoredEvent);
  return { channel, scsiIo, signalled };
}

const inquiry = () =>
  new ScsiCommand(Uint8Array.of(0x12, 0, 0, 0, 36, 0), 0, 18).reading(new Uint8Array(36), 36);

describe('EFI_SCSI_IO_PROTOCOL (UEFI §15.4)', () => {
  test('knows its type, its place and the alignment of its channel', () => {
    const { scsiIo } = world(3);
    expect(scsiIo.getDeviceType()).toBe(5);
    expect(scsiIo.getDeviceLocation()).toEqual({ target, lun: 3 });
    scsiIo.getDeviceLocation().target[0] = 9;
    expect(scsiIo.getDeviceLocation().target[0]).toBe(2);
    expect(scsiIo.ioAlign).toBe(4);
  });

  test('commands and resets go to the channel', () => {
    const { channel, scsiIo } = world(3);
    scsiIo.executeScsiCommand(inquiry());
    scsiIo.resetDevice();
    scsiIo.resetBus();
    expect(channel.seen).toEqual(['12 2:3']);
    expect(channel.resets).toEqual(['2:3', 'channel']);
  });

  const event: EfiEvent = { number: 1 };

  test('a channel that does not block gets the event', () => {
    const { channel, scsiIo, signalled } = world(7);
    scsiIo.executeScsiCommand(inquiry(), event);
    expect(channel.events).toEqual([event]);
    expect(signalled).toEqual([]);
  });

  test.each([false, true])('one that blocks ignores it (SignalsIgnoredEvent: %s)', (signals) => {
    const { channel, scsiIo, signalled } = world(3, signals);
    scsiIo.executeScsiCommand(inquiry(), event);
    expect(channel.events).toEqual([undefined]);
    expect(signalled).toEqual(signals ? [event] : []);
  });
});
