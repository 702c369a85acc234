import type { EfiDxeServices, EfiStatus, Guid } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  EFI_EVENT_GROUP_DXE_DISPATCH,
  EVT_NOTIFY_SIGNAL,
  guid,
  NotModelledError,
  TPL_CALLBACK,
  TPL_HIGH_LEVEL,
} from '@dxelab/uefi';
import type { DxeModule } from '@dxelab/uefi-lib';
import { dxeServicesTable, PROFILES } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { CoreWorld, endOf, module, statusOf } from './core-world.fixture.ts';

/** The file of a module that waits to be asked for. */
const ASKED: Guid = guid('00000000-0000-0000-0000-00000000a5ed');

describe.each(PROFILES)('the table of DXE services (PI Vol. 2 §7, %s)', (profile) => {
  test('is each image`s own: who calls above TPL_NOTIFY has a name (UEFI §7.1)', () => {
    const tooHigh = module('TooHigh', (bs, _image, systemTable) => {
      bs.raiseTpl(TPL_HIGH_LEVEL);
      dxeServicesTable(systemTable).getIoSpaceMap();
    });
    const { core, findings } = new CoreWorld(profile, [tooHigh]);
    // EDK II's lock asserts what the standard leaves open
    expect(endOf(() => core.dispatch())?.message).toContain('it is 31, not to become 16');
    expect(findings).toMatchObject([{ rule: 'UEFI 7.1', image: 'TooHigh' }]);
  });

  test('ends with boot services', () => {
    const { core, bs } = new CoreWorld(profile);
    const ds = dxeServicesTable(core.systemTable);
    bs.exitBootServices(core.labImage, bs.getMemoryMap().mapKey);
    expect(() => ds.getMemorySpaceMap()).toThrow(
      'lab called GetMemorySpaceMap after lab had ended boot services',
    );
  });

  test('costs as much as the boot services', () => {
    const { core, platform } = new CoreWorld(profile);
    const before = platform.cycles.now;
    dxeServicesTable(core.systemTable).getMemorySpaceDescriptor(0);
    expect(platform.cycles.now - before).toBe(100);
  });

  test('a machine without it: EFI_NOT_FOUND', () => {
    expect(statusOf(() => dxeServicesTable({ configurationTable: new Map() }))).toBe(
      'EFI_NOT_FOUND',
    );
  });
});

describe.each(PROFILES)('the dispatcher`s services (PI Vol. 2 §7.3, %s)', (profile) => {
  /** A module that waits for Schedule, and one that asks for it. */
  function sorWorld(ask: (ds: EfiDxeServices, file: Guid) => void): string[] {
    const started: string[] = [];
    const asked: DxeModule = {
      ...module('Asked', () => void started.push('Asked')),
      fileGuid: ASKED,
      depex: { op: 'SOR', operand: { op: 'TRUE' } },
    };
    const asks = module('Asks', (_bs, _image, systemTable) => {
      started.push('Asks');
      ask(dxeServicesTable(systemTable), ASKED);
    });
    const { core } = new CoreWorld(profile, [asked, asks]);
    core.dispatch();
    return started;
  }

  test('Dispatch (§7.3.1) starts what can be started, and is EFI_NOT_FOUND if nothing can', () => {
    const { core } = new CoreWorld(profile, [module('One', () => {})]);
    const ds = dxeServicesTable(core.systemTable);
    expect(statusOf(() => ds.dispatch())).toBe('EFI_SUCCESS');
    expect(statusOf(() => ds.dispatch())).toBe('EFI_NOT_FOUND');
  });

  test('each round of the dispatcher is signalled to EFI_EVENT_GROUP_DXE_DISPATCH (§5)', () => {
    const rounds: string[] = [];
    const started: string[] = [];
    const listens = module('Listens', (bs) => {
      const notify = (): void => void rounds.push(started.join(' '));
      bs.createEventEx(EVT_NOTIFY_SIGNAL, TPL_CALLBACK, notify, null, EFI_EVENT_GROUP_DXE_DISPATCH);
      bs.installProtocolInterface(undefined, BdsArchProtocol, { entry: () => undefined });
    });
    const waits: DxeModule = {
      ...module('Waits', () => void started.push('Waits')),
      fileGuid: ASKED,
      depex: { op: 'PUSH', protocol: BdsArchProtocol },
    };
    const { core } = new CoreWorld(profile, [listens, waits]);
    core.dispatch();
    expect(rounds).toEqual(['', 'Waits']);
    core.dispatch();
    expect(rounds).toHaveLength(2);
  });

  test('Dispatch (§7.3.1) within itself is EFI_ALREADY_STARTED', () => {
    const statuses: EfiStatus[] = [];
    sorWorld((ds) => statuses.push(statusOf(() => ds.dispatch())));
    expect(statuses).toEqual(['EFI_ALREADY_STARTED']);
  });

  test('Schedule (§7.3.2) lets a module with SOR be dispatched, once', () => {
    const statuses: EfiStatus[] = [];
    const started = sorWorld((ds, file) => {
      statuses.push(statusOf(() => ds.schedule(undefined, file)));
      statuses.push(statusOf(() => ds.schedule(undefined, file)));
    });
    expect(started).toEqual(['Asks', 'Asked']);
    expect(statuses).toEqual(['EFI_SUCCESS', 'EFI_NOT_FOUND']);
    expect(sorWorld(() => {})).toEqual(['Asks']);
  });

  test('Schedule (§7.3.2) of what is in no firmware volume is EFI_NOT_FOUND', () => {
    const { core } = new CoreWorld(profile);
    const ds = dxeServicesTable(core.systemTable);
    expect(statusOf(() => ds.schedule(core.labImage, ASKED))).toBe('EFI_NOT_FOUND');
    expect(statusOf(() => ds.schedule(undefined, ASKED))).toBe('EFI_NOT_FOUND');
  });

  test('Trust (§7.3.3): no module is held back', () => {
    const ds = dxeServicesTable(new CoreWorld(profile).core.systemTable);
    expect(statusOf(() => ds.trust(undefined, ASKED))).toBe('EFI_NOT_FOUND');
  });

  test('ProcessFirmwareVolume (§7.3.4) is not modelled, and says so', () => {
    const ds = dxeServicesTable(new CoreWorld(profile).core.systemTable);
    expect(() => ds.processFirmwareVolume(0, 0)).toThrow(NotModelledError);
  });
});
