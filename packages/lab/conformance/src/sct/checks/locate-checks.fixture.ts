import {
  appendDevicePath,
  appendDevicePathInstance,
  devicePath,
  DevicePathProtocol,
  pciNode,
  protocolInterface,
  TPL_APPLICATION,
  TPL_CALLBACK,
  TPL_NOTIFY,
} from '@dxelab/uefi';
import { Alpha, Beta } from '../../services/services-world.fixture.ts';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';

const PATH = devicePath(pciNode(1, 0));
const LONGER = appendDevicePath(PATH, devicePath(pciNode(2, 0)));

/** Who registered with a notification at `notifyTpl` hears of what is installed and reinstalled at `tpl`. */
function heardAt(tpl: number, notifyTpl: number): Check {
  return (world) => {
    const { bs } = world;
    const heard = world.notify(Alpha, notifyTpl);
    const [first, second] = [{}, {}];
    const old = bs.raiseTpl(tpl);
    const handle = world.handle(first);
    bs.reinstallProtocolInterface(handle, Alpha, first, second);
    same(heard.times, notifyTpl > tpl ? 2 : 0);
    bs.restoreTpl(old);
    // not yet notified of the first: the second finds the event already queued
    same(heard.times, notifyTpl > tpl ? 2 : 1);
  };
}

/** The registration names what was installed at this TPL. */
function foundAt(tpl: number): Check {
  return (world) => {
    const { bs } = world;
    const { registration } = world.notify();
    const old = bs.raiseTpl(tpl);
    const handle = world.handle();
    bs.restoreTpl(old);
    const search = { type: 'ByRegisterNotify', searchKey: registration } as const;
    same(bs.locateHandleBuffer(search), [handle]);
    world.expectStatus('EFI_NOT_FOUND', () => bs.locateHandleBuffer(search));
  };
}

const allHandles: Check = (world) => {
  const handle = world.handle();
  const all = world.bs.locateHandleBuffer({ type: 'AllHandles' });
  same(all.includes(handle), true);
  same(all.includes(world.agent), true);
  same(new Set(all).size, all.length);
};

const byProtocol: Check = (world) => {
  const handles = [world.handle(), world.handle()];
  world.handleOf(Beta);
  same(world.bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Alpha }), handles);
};

const neverInstalled: Check = (world) =>
  world.expectStatus('EFI_NOT_FOUND', () =>
    world.bs.locateHandleBuffer({ type: 'ByProtocol', protocol: Alpha }),
  );

/** Registering, and the services that look something up (UEFI §7.3.5 to §7.3.8, §7.3.14 to §7.3.16). */
export const LOCATE_CHECKS: readonly SctCheck[] = [
  ...checksOf('RegisterProtocolNotify', [
    ['3.4.2.1 to 3.4.2.3', 'no protocol, no event, no place for the registration', 'C'],
    ['4.4.2.1', 'a protocol and an event', (world) => same(world.notify().times, 0)],
    ['4.4.2.2', 'what is installed at TPL_APPLICATION', heardAt(TPL_APPLICATION, TPL_CALLBACK)],
    ['4.4.2.3', 'at TPL_CALLBACK, by an event above it', heardAt(TPL_CALLBACK, TPL_NOTIFY)],
    [
      '4.4.2.4',
      'at TPL_NOTIFY, by an event at it: once it is restored',
      heardAt(TPL_NOTIFY, TPL_NOTIFY),
    ],
    [
      '4.4.2.5',
      'the registration finds what is installed at TPL_APPLICATION',
      foundAt(TPL_APPLICATION),
    ],
    ['4.4.2.6', 'the registration finds what is installed at TPL_CALLBACK', foundAt(TPL_CALLBACK)],
    ['4.4.2.7', 'the registration finds what is installed at TPL_NOTIFY', foundAt(TPL_NOTIFY)],
    [
      'function 8',
      'CloseEvent ends it',
      (world) => {
        const heard = world.notify();
        world.bs.closeEvent(heard.event);
        world.handle();
        same(heard.times, 0);
      },
    ],
  ]),
  ...checksOf('LocateHandle', [
    ['3.7.2.1 to 3.7.2.3', 'a search type that is none; no protocol; no key', 'C'],
    ['3.7.2.4', 'of a protocol that was never installed', neverInstalled],
    ['3.7.2.5, 3.7.2.6', 'a buffer that is too small, or none', 'C'],
    ['4.7.2.1', 'all handles', allHandles],
    ['4.7.2.2, 4.7.2.4', 'by registration', foundAt(TPL_APPLICATION)],
    ['4.7.2.3', 'by protocol', byProtocol],
  ]),
  ...checksOf('LocateHandleBuffer', [
    ['3.8.2.1, 3.8.2.3', 'a search type that is none; no place for what is found', 'C'],
    ['3.8.2.2', 'of a protocol that was never installed', neverInstalled],
    ['4.8.2.1', 'all handles', allHandles],
    ['4.8.2.2', 'by registration', foundAt(TPL_APPLICATION)],
    ['4.8.2.3', 'by protocol', byProtocol],
  ]),
  ...checksOf('HandleProtocol', [
    [
      '3.9.2.1',
      'of a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.handleProtocol(world.staleHandle(), Alpha),
        ),
    ],
    ['3.9.2.2, 3.9.2.3', 'no protocol; no place for the interface', 'C'],
    [
      '3.9.2.4',
      'of a protocol that is not there',
      (world) =>
        world.expectStatus('EFI_UNSUPPORTED', () => world.bs.handleProtocol(world.handle(), Beta)),
    ],
    [
      '4.9.2.1',
      'of a protocol that is there',
      (world) => {
        const instance = {};
        same(world.bs.handleProtocol(world.handle(instance), Alpha), instance);
      },
    ],
  ]),
  ...checksOf('LocateProtocol', [
    ['3.10.2.1', 'no protocol; no place for the interface', 'C'],
    [
      '3.10.2.2',
      'that was never installed',
      (world) => world.expectStatus('EFI_NOT_FOUND', () => world.bs.locateProtocol(Alpha)),
    ],
    [
      '3.10.2.3',
      'a registration of which nothing new was installed',
      (world) => {
        const { registration } = world.notify();
        world.expectStatus('EFI_NOT_FOUND', () => world.bs.locateProtocol(Alpha, registration));
      },
    ],
    [
      '4.10.2.1, 4.10.2.3',
      'the first interface that there is, also if it is none',
      (world) => {
        const instance = Object.freeze({});
        world.handle(instance);
        same(world.bs.locateProtocol(Alpha), instance);
      },
    ],
    [
      '4.10.2.2',
      'by registration',
      (world) => {
        const { registration } = world.notify();
        const instance = {};
        world.handle(instance);
        same(world.bs.locateProtocol(Alpha, registration), instance);
      },
    ],
  ]),
  ...checksOf('LocateDevicePath', [
    [
      '3.11.2.1, 3.11.2.2, 3.11.2.6, 3.11.2.7',
      'no protocol, no path, no place for the device',
      'C',
    ],
    [
      '3.11.2.3',
      'of several instances the first counts',
      ({ bs }) => {
        const handle = bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(DevicePathProtocol, PATH),
          protocolInterface(Alpha, {}),
        );
        const several = appendDevicePathInstance(PATH, LONGER);
        same(bs.locateDevicePath(Alpha, several).handle, handle);
      },
    ],
    [
      '3.11.2.4, 3.11.2.5',
      'the handle of that path has not the protocol',
      (world) => {
        world.handleOf(DevicePathProtocol, PATH);
        world.expectStatus('EFI_NOT_FOUND', () => world.bs.locateDevicePath(Alpha, PATH));
      },
    ],
    [
      '4.11.2.1',
      'the handle nearest to the path, and what is left of it',
      ({ bs }) => {
        const handle = bs.installMultipleProtocolInterfaces(
          undefined,
          protocolInterface(DevicePathProtocol, PATH),
          protocolInterface(Alpha, {}),
        );
        const { handle: found, remaining } = bs.locateDevicePath(Alpha, LONGER);
        same(found, handle);
        same(remaining, devicePath(pciNode(2, 0)));
      },
    ],
  ]),
  ...checksOf('ProtocolsPerHandle', [
    [
      '3.12.2.1',
      'of a handle that is none',
      (world) =>
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.bs.protocolsPerHandle(world.staleHandle()),
        ),
    ],
    ['3.12.2.2, 3.12.2.3', 'no place for the list or its length', 'C'],
    [
      '4.12.2.1',
      'all that is there',
      (world) => {
        const handle = world.handle();
        world.bs.installProtocolInterface(handle, Beta, {});
        const guids = world.bs.protocolsPerHandle(handle);
        same(new Set(guids), new Set([Alpha.guid, Beta.guid]));
      },
    ],
  ]),
];
