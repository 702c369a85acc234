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

/** Pages that are shared before anything is mapped: QUIRK IoMmuDxe.ReservedPool, 17 slots of 5716 KiB. */
const POOL = { specification: 0, edk2: 5716 / 4 - 17 };

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
    expect(machine.sharedPages()).toBe(POOL[profile]);
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
    expect(machine.sharedPages()).toBe(POOL[profile]);
  });

  test('a bounce buffer holds nothing afterwards, and without a pool its pages are private again', () => {
    const machine = new PrivateMachine({ profile });
    const rootBridge = machine.bs.locateProtocol(PciRootBridgeIoProtocol);
    const mapping = rootBridge.map('BusMasterRead', Uint8Array.of(1, 2, 3, 4), 4);
    const { ram } = machine.machine.platform;
    const at: number = mapping.deviceAddress;
    expect(ram.readUint32(at)).toBe(0x04030201);
    rootBridge.unmap(mapping);
    expect(ram.readUint32(at)).toBe(profile === 'edk2' ? 0 : 0xa5a5a5a5);
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

describe('QUIRK IoMmuDxe.ReservedPool', () => {
  const edk2 = { profile: 'edk2' } as const;

  test('a request takes its buffers from the pool: no page changes hands', () => {
    const machine = new PrivateMachine(edk2);
    const block = machine.openDisk();
    const idle = machine.sharedPages();
    const sector = new Uint8Array(512);
    machine.commands.length = 0;
    block.readBlocks(block.media.mediaId, 0, sector);
    expect(new Set(sector)).toEqual(new Set([0x5a]));
    expect([machine.commands, machine.sharedPages()]).toEqual([[], idle]);
  });

  test('a common buffer of the pool is reached before it is mapped, too', () => {
    const machine = new PrivateMachine(edk2);
    const ioMmu = machine.bs.locateProtocol(EdkiiIoMmuProtocol);
    const { ram } = machine.machine.platform;
    const address = ioMmu.allocateBuffer('EfiBootServicesData', 1, 0);
    ram.writeUint8(address, 7);
    expect(machine.reaches(address)).toBe(true);
    const mapping = ioMmu.map('BusMasterCommonBuffer', { address, length: 4096 }, 4096);
    expect(ram.readUint8(address)).toBe(7);
    ram.writeUint8(address, 8);
    ioMmu.unmap(mapping);
    expect([ram.readUint8(address), machine.reaches(address)]).toEqual([8, true]);
    ioMmu.freeBuffer(1, address);
    expect(ioMmu.allocateBuffer('EfiBootServicesData', 1, 0)).toBe(address);
  });

  test('when it has no slot left, or none that large, pages are shared as without it', () => {
    const machine = new PrivateMachine(edk2);
    const ioMmu = machine.bs.locateProtocol(EdkiiIoMmuProtocol);
    const before = machine.sharedPages();
    const map = (length: number) => ioMmu.map('BusMasterWrite', new Uint8Array(length), length);
    const mappings = [map(1), map(1), map(1), map(1), map(2 ** 21)];
    expect(machine.sharedPages()).toBe(before);
    mappings.push(map(1), map(2 ** 21 + 1));
    expect(machine.sharedPages()).toBe(before + 1 + 513);
    for (const mapping of mappings) ioMmu.unmap(mapping);
    expect(machine.sharedPages()).toBe(before);
  });

  test('a machine that has no room for it does without', () => {
    const machine = new PrivateMachine({ ...edk2, memory: 5 * 2 ** 20 });
    expect(machine.sharedPages()).toBe(0);
    expect(machine.debug.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^no reserved pool: EFI_OUT_OF_RESOURCES/),
    );
  });
});
