import { ScsiCdRom, ScsiDisk } from '@dxelab/scsi-targets';
import type { LoadOption } from '@dxelab/uefi';
import {
  convertDevicePathToText,
  convertTextToDevicePath,
  EFI_GLOBAL_VARIABLE,
  guidToBytes,
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_HIDDEN,
  loadOptionName,
  LoadedImageProtocol,
  readKeyOption,
  readLoadOption,
  readLoadOptionOrder,
  SCAN_ESC,
  writeLoadOptionOrder,
} from '@dxelab/uefi';
import type { MemoryStorage } from '@dxelab/variable-runtime-dxe';
import { VariableStore } from '@dxelab/variable-runtime-dxe';
import type { VirtioScsiOptions } from '@dxelab/virtio-devices';
import { MemoryBackend, OverlayBackend, VirtioPciModern, VirtioScsi } from '@dxelab/virtio-devices';
import { describe, expect, test } from 'vitest';
import type { BootWorldOptions } from '../boot/boot-world.fixture.ts';
import { BootWorld, virtioDisk } from '../boot/boot-world.fixture.ts';
import { demoDisk, espOf } from '../boot/demo-disk.fixture.ts';
import type { Running } from '../boot/programs.fixture.ts';
import { application } from '../boot/programs.fixture.ts';
import {
  FIRST,
  flash,
  numberIn,
  option,
  ordered,
  SECOND,
  stored,
} from './boot-variables.fixture.ts';

const MENU =
  'Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)/FvFile(EEC25BDC-67F2-4D95-B1D5-F81B2039D11D)';
/** What EDK II marks the options with that it has made. */
const MARK = guidToBytes('8108ac4e-9f11-4d59-850e-e21a522c59b2');

/** Boots EDK II's way with these disks. */
function boot(storage: MemoryStorage, more: BootWorldOptions = {}): BootWorld {
  const standIn = application(() => {});
  const world = new BootWorld({ profile: 'edk2', variables: storage, standIn, ...more });
  world.bootTo('stopped');
  return world;
}

const empty = (): MemoryStorage => flash({});
const overlay = (): OverlayBackend =>
  new OverlayBackend(new MemoryBackend(demoDisk(), { readOnly: true }));
const hostOf = (units: NonNullable<VirtioScsiOptions['units']>): VirtioPciModern =>
  new VirtioPciModern(new VirtioScsi({ units }));

/** The options of BootOrder, in its order. */
function options(storage: MemoryStorage): readonly LoadOption[] {
  const order = readLoadOptionOrder(stored(storage, 'BootOrder') ?? new Uint8Array(0)).value ?? [];
  return order.flatMap((number) => {
    const { value } = readLoadOption(stored(storage, loadOptionName('Boot', number)) ?? MARK);
    return value ?? [];
  });
}

const descriptions = (storage: MemoryStorage): readonly string[] =>
  options(storage).map(({ description }) => description);

describe('Devices become boot options in EDK II: BdsDxe.DevicesBecomeOptions', () => {
  test('one for each disk, marked as made, behind that of the menu', () => {
    const storage = empty();
    boot(storage, { slots: { '02.0': virtioDisk(), '03.0': virtioDisk() } });
    const [menu, ...disks] = options(storage);
    expect(menu).toEqual({
      attributes: LOAD_OPTION_ACTIVE | LOAD_OPTION_HIDDEN | LOAD_OPTION_CATEGORY_APP,
      description: 'BootManagerMenuApp',
      filePathList: [convertTextToDevicePath(MENU)],
      optionalData: new Uint8Array(0),
    });
    expect(disks).toEqual(
      [FIRST, SECOND].map((path, index) => ({
        attributes: LOAD_OPTION_ACTIVE,
        description: `UEFI Misc Device${index === 0 ? '' : ' 2'}`,
        filePathList: [convertTextToDevicePath(path)],
        optionalData: MARK,
      })),
    );
  });

  test('a SCSI disk by its vendor and product, and removable media first, if there are any', () => {
    const storage = empty();
    const units = [
      { target: 0, lun: 0, unit: new ScsiDisk({ backend: overlay() }) },
      { target: 1, lun: 0, unit: new ScsiCdRom({ backend: overlay() }) },
      { target: 2, lun: 0, unit: new ScsiCdRom({}) },
    ];
    boot(storage, { slots: { '02.0': hostOf(units), '03.0': virtioDisk() } });
    expect(descriptions(storage).slice(1)).toEqual([
      'UEFI dxelab SCSI CD-ROM ',
      'UEFI dxelab SCSI disk ',
      'UEFI Misc Device',
    ]);
  });

  test('a whole disk with a file system on it', () => {
    const storage = empty();
    boot(storage, { slots: { '02.0': virtioDisk(espOf(demoDisk()).slice()) } });
    expect(descriptions(storage).slice(1)).toEqual(['UEFI Non-Block Boot Device']);
  });

  test('they are booted, by their numbers, without any load options', () => {
    const seen: unknown[] = [];
    const look = (running: Running): void => {
      const { loadOptions } = running.bs.handleProtocol(running.imageHandle, LoadedImageProtocol);
      seen.push([numberIn(running, 'BootCurrent'), loadOptions.length]);
    };
    const { attempts } = boot(empty(), { standIn: application(look) });
    expect(attempts[0]?.description).toBe('UEFI Misc Device');
    expect(seen[0]).toEqual([1, 0]);
  });

  test('the next boot finds them there, and writes nothing', () => {
    const storage = empty();
    boot(storage);
    const [order, menu] = [stored(storage, 'BootOrder'), stored(storage, 'Boot0000')];
    boot(storage);
    expect([stored(storage, 'BootOrder'), stored(storage, 'Boot0000')]).toEqual([order, menu]);
    expect(descriptions(storage)).toHaveLength(2);
  });

  test('that of a device that is gone goes; what others have written stays', () => {
    const storage = flash({
      ...ordered(
        'Boot',
        option(SECOND, { description: 'mine' }),
        option(SECOND, { description: 'UEFI Misc Device 7', optionalData: MARK }),
      ),
    });
    boot(storage);
    expect(descriptions(storage)).toEqual(['mine', 'BootManagerMenuApp', 'UEFI Misc Device']);
    expect(
      options(storage).map(({ filePathList: [path] }) => path && convertDevicePathToText(path)),
    ).toEqual([SECOND, convertDevicePathToText(convertTextToDevicePath(MENU)), FIRST]);
  });

  test('new ones come last in BootOrder, with the smallest number that is in no order', () => {
    const storage = flash({
      Boot0003: option('\\one.efi', { description: 'three' }),
      BootOrder: writeLoadOptionOrder([3]),
      BootNext: writeLoadOptionOrder([0]),
    });
    boot(storage);
    expect(stored(storage, 'BootOrder')).toEqual(writeLoadOptionOrder([3, 1, 2]));
  });

  test('F2 and Escape open the menu: Key0000 and Key0001', () => {
    const storage = empty();
    boot(storage);
    const keys = ['Key0000', 'Key0001', 'Key0002'].map(
      (name) => readKeyOption(stored(storage, name) ?? new Uint8Array(0)).value,
    );
    expect(keys).toMatchObject([
      { bootOption: 0, keys: [{ scanCode: 0x0c, unicodeChar: 0 }] },
      { bootOption: 0, keys: [{ scanCode: SCAN_ESC, unicodeChar: 0 }] },
      undefined,
    ]);
  });

  test('what the platform says is connected, and nothing else', () => {
    const storage = empty();
    const slots = { '02.0': virtioDisk(), '03.0': virtioDisk() };
    const devicePath = convertTextToDevicePath(SECOND);
    boot(storage, { slots, bootOptions: [{ description: 'platform', devicePath }] });
    const paths = options(storage).map(({ filePathList: [path] }) => path);
    expect(paths).toContainEqual(devicePath);
    expect(paths).not.toContainEqual(convertTextToDevicePath(FIRST));
  });

  test('a store without room is no reason not to boot', () => {
    const storage = empty();
    const store = new VariableStore(storage);
    const record = { vendor: EFI_GLOBAL_VARIABLE, attributes: 7, timeStamp: new Uint8Array(16) };
    for (let number = 0; store.capacity - store.used > 1000; number += 1) {
      store.put({ ...record, name: `Ballast${number}`, data: new Uint8Array(900) });
    }
    expect(boot(storage).attempts.length).toBeGreaterThan(0);
  });
});

describe('The specification leaves it to the platform: nothing is written that nobody asked for', () => {
  test('no device gets an option, and the menu none that stays', () => {
    const storage = empty();
    boot(storage, { profile: 'specification' });
    expect(options(storage)).toEqual([]);
    expect(stored(storage, 'Boot0000')).toBeUndefined();
    expect(stored(storage, 'Key0000')).toBeUndefined();
  });
});
