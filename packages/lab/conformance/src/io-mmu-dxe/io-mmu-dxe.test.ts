import { ovmf } from '@dxelab/ovmf';
import {
  EdkiiIoMmuProtocol,
  EVT_SIGNAL_EXIT_BOOT_SERVICES,
  IoMmuAbsentProtocol,
  PciRootBridgeIoProtocol,
  TPL_CALLBACK,
} from '@dxelab/uefi';
import { PROFILES, tryLocateProtocol } from '@dxelab/uefi-lib';
import { VIRTIO_F_ACCESS_PLATFORM } from '@dxelab/virtio';
import { describe, expect, test } from 'vitest';
import { PrivateMachine } from './private-machine.fixture.ts';

describe('IoMmuDxeEntryPoint', () => {
  test('where memory is private: EDKII_IOMMU_PROTOCOL, revision 0x00010000', () => {
    const { bs } = new PrivateMachine();
    expect(bs.locateProtocol(EdkiiIoMmuProtocol).revision).toBe(0x10000);
    expect(tryLocateProtocol(bs, IoMmuAbsentProtocol)).toBeUndefined();
  });

  test('elsewhere: gIoMmuAbsentProtocolGuid, with no interface', () => {
    const { bs } = new PrivateMachine({ privateMemory: false });
    expect(bs.locateProtocol(IoMmuAbsentProtocol)).toBe(null);
    expect(tryLocateProtocol(bs, EdkiiIoMmuProtocol)).toBeUndefined();
  });

  test('PciHostBridgeDxe takes the protocol up when it comes after it', () => {
    const machine = new PrivateMachine({ modules: ovmf().toReversed() });
    machine.openDisk().readBlocks(machine.openDisk().media.mediaId, 0, new Uint8Array(512));
    expect(machine.findings).toEqual([]);
  });
});

describe.each(PROFILES)('a virtio disk on a machine with private memory, %s', (profile) => {
  test('negotiates VIRTIO_F_ACCESS_PLATFORM (virtio §6, bit 33), and reads', () => {
    const machine = new PrivateMachine({ profile });
    const block = machine.openDisk();
    expect(machine.disk.accepted & VIRTIO_F_ACCESS_PLATFORM).toBe(VIRTIO_F_ACCESS_PLATFORM);
    const sector = new Uint8Array(1024);
    block.readBlocks(block.media.mediaId, 1, sector);
    expect(new Set(sector)).toEqual(new Set([0x5a]));
    expect(machine.findings).toEqual([]);
  });

  test('after a request only the ring and what the driver keeps is shared', () => {
    const machine = new PrivateMachine({ profile });
    expect(machine.sharedPages()).toBe(0);
    const block = machine.openDisk();
    const idle = machine.sharedPages();
    expect(idle).toBeGreaterThan(0);
    block.readBlocks(block.media.mediaId, 0, new Uint8Array(0x10000));
    expect(machine.sharedPages()).toBe(idle);
  });

  test('after ExitBootServices all pages are private', () => {
    const machine = new PrivateMachine({ profile });
    machine.openDisk();
    machine.exitBootServices();
    expect(machine.sharedPages()).toBe(0);
    expect(machine.findings).toEqual([]);
  });

  test('the handlers of drivers come before that, whenever they were registered', () => {
    const machine = new PrivateMachine({ profile });
    machine.openDisk();
    const seen: number[] = [];
    machine.bs.createEvent(
      EVT_SIGNAL_EXIT_BOOT_SERVICES,
      TPL_CALLBACK,
      () => seen.push(machine.sharedPages()),
      undefined,
    );
    machine.exitBootServices();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeGreaterThan(0);
  });

  test('a disconnected driver leaves nothing shared', () => {
    const machine = new PrivateMachine({ profile });
    machine.openDisk();
    const root = { type: 'ByProtocol', protocol: PciRootBridgeIoProtocol } as const;
    for (const handle of machine.bs.locateHandleBuffer(root))
      machine.bs.disconnectController(handle);
    expect(machine.sharedPages()).toBe(0);
  });

  test('a bounce buffer holds nothing once its pages are private again', () => {
    const machine = new PrivateMachine({ profile });
    const rootBridge = machine.bs.locateProtocol(PciRootBridgeIoProtocol);
    const mapping = rootBridge.map('BusMasterRead', Uint8Array.of(1, 2, 3, 4), 4);
    const { ram } = machine.machine.platform;
    const at: number = mapping.deviceAddress;
    expect(ram.readUint32(at)).toBe(0x04030201);
    rootBridge.unmap(mapping);
    expect(ram.readUint32(at)).toBe(0xa5a5a5a5);
  });

  test('mappings that overlap are reported by IoMmuDxe', () => {
    const machine = new PrivateMachine({ profile });
    const rootBridge = machine.bs.locateProtocol(PciRootBridgeIoProtocol);
    const array = new Uint8Array(16);
    rootBridge.map('BusMasterWrite', array, 16);
    rootBridge.map('BusMasterWrite', array.subarray(8), 8);
    expect(machine.debug.map(({ module, message }) => [module, message])).toContainEqual([
      'IoMmuDxe',
      expect.stringContaining('overlap'),
    ]);
  });
});
