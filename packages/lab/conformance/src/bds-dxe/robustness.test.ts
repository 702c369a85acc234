import { PROFILES } from '@dxelab/uefi-lib';
import { convertTextToDevicePath, DevicePathProtocol, EfiError } from '@dxelab/uefi';
import { describe, expect, test } from 'vitest';
import { BootWorld } from '../boot/boot-world.fixture.ts';
import { application, bootOs, driver } from '../boot/programs.fixture.ts';

/** A node whose length reaches beyond the path. */
const MALFORMED = Uint8Array.of(0x01, 0x01, 0x40, 0x00);

describe.each(PROFILES)('what does not keep BDS from booting, %s', (profile) => {
  const standIn = application(bootOs);

  test('an option whose device path is malformed fails like any other', () => {
    const bootOptions = [{ description: 'broken', devicePath: MALFORMED }];
    const world = new BootWorld({ profile, standIn, bootOptions });
    world.bootTo('boot-services-exited');
    expect(world.attempts).toMatchObject([
      {
        description: 'broken',
        devicePath: 'a malformed device path',
        status: 'EFI_INVALID_PARAMETER',
      },
    ]);
  });

  test('a driver that installs a malformed device path', () => {
    const meddler = driver(({ bs }) => {
      bs.installProtocolInterface(undefined, DevicePathProtocol, MALFORMED);
    });
    const devicePath = convertTextToDevicePath('PciRoot(0x0)/Pci(0x2,0x0)');
    const bootOptions = [{ description: 'disk', devicePath }];
    const world = new BootWorld({ profile, standIn, drivers: [meddler], bootOptions });
    world.bootTo('boot-services-exited');
    expect(world.attempts).toEqual([]);
  });

  test('a console that is out of order', () => {
    const fails = (): never => {
      throw new EfiError('EFI_DEVICE_ERROR', 'the cable is cut');
    };
    const meddler = driver(({ systemTable }) => {
      const { conOut } = systemTable;
      systemTable.conOut = conOut && Object.assign(conOut, { outputString: fails });
    });
    const bootOptions = [{ description: 'broken', devicePath: MALFORMED }];
    const silent = application(() => {});
    const world = new BootWorld({ profile, standIn: silent, drivers: [meddler], bootOptions });
    world.boot();
    expect(world.attempts.map(({ status }) => status)).toEqual([
      'EFI_INVALID_PARAMETER',
      'EFI_SUCCESS',
    ]);
  });
});
