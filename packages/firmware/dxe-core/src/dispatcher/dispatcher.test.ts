import type { TraceEventName } from '@dxelab/platform';
import type { Guid, Protocol } from '@dxelab/uefi';
import {
  BdsArchProtocol,
  CpuArchProtocol,
  EfiError,
  MetronomeArchProtocol,
  ResetArchProtocol,
  TimerArchProtocol,
  guid,
  isEfiFailure,
} from '@dxelab/uefi';
import { DEBUG_ERROR, DEBUG_LOAD, PROFILES, Quirks } from '@dxelab/uefi-lib';
import type { Depex, DxeModule, ModuleType, Profile } from '@dxelab/uefi-lib';
import { describe, expect, test } from 'vitest';
import { Dispatcher } from './dispatcher.ts';

const TRUE: Depex = { op: 'TRUE' };
const push = (protocol: Protocol<unknown>): Depex => ({ op: 'PUSH', protocol });
const guidOf = (name: string): Guid =>
  guid(`00000000-0000-0000-0000-${name.charCodeAt(0).toString(16).padStart(12, '0')}`);
const before = (name: string): Depex => ({ op: 'BEFORE', fileGuid: guidOf(name) });
const after = (name: string): Depex => ({ op: 'AFTER', fileGuid: guidOf(name) });

/** A module that is known by the first letter of its name. */
function module(name: string, depex?: Depex, moduleType: ModuleType = 'DXE_DRIVER'): DxeModule {
  const information = { name, fileGuid: guidOf(name), moduleType, entryPoint: () => {} };
  return depex === undefined ? information : { ...information, depex };
}

interface Run {
  readonly profile?: Profile;
  readonly installed?: readonly Protocol<unknown>[];
  readonly aPriori?: readonly string[];
  /** What starting a module does. */
  readonly starts?: Readonly<Record<string, (world: World) => void>>;
}

interface World {
  readonly dispatcher: Dispatcher;
  readonly installed: Set<Guid>;
  readonly started: string[];
  readonly said: [level: number, message: string][];
  readonly traced: [TraceEventName, object][];
}

function world(modules: readonly DxeModule[], run: Run = {}): World {
  const installed = new Set((run.installed ?? []).map((protocol) => protocol.guid));
  const started: string[] = [];
  const said: World['said'] = [];
  const traced: World['traced'] = [];
  const dispatcher = new Dispatcher(modules, {
    isInstalled: (one) => installed.has(one),
    startModule: ({ name }) => {
      started.push(name);
      run.starts?.[name]?.({ dispatcher, installed, started, said, traced });
    },
    debug: { debug: (level, message) => said.push([level, message]) },
    quirks: new Quirks(run.profile ?? 'specification'),
    aPriori: (run.aPriori ?? []).map(guidOf),
    trace: (name, fields) => traced.push([name, fields]),
  });
  return { dispatcher, installed, started, said, traced };
}

/** The order in which modules are started. */
function order(modules: readonly DxeModule[], run: Run = {}): string {
  const { dispatcher, started } = world(modules, run);
  dispatcher.dispatch();
  return started.join(' ');
}

const installs =
  (protocol: Protocol<unknown>) =>
  ({ installed }: World): void =>
    void installed.add(protocol.guid);

describe('the order of dispatch (PI 1.9 Vol. 2 §10)', () => {
  test('as discovered, when nobody waits', () => {
    expect(order([module('A', TRUE), module('B', TRUE)])).toBe('A B');
  });

  test('who waits comes when what he waits for is installed', () => {
    const modules = [
      module('A', push(CpuArchProtocol)),
      module('B', push(TimerArchProtocol)),
      module('C', TRUE),
    ];
    const starts = { C: installs(TimerArchProtocol), B: installs(CpuArchProtocol) };
    expect(order(modules, { starts })).toBe('C B A');
  });

  test('all whose expression holds are scheduled before the next is started', () => {
    const modules = [module('A', TRUE), module('B', push(CpuArchProtocol)), module('C', TRUE)];
    expect(order(modules, { starts: { A: installs(CpuArchProtocol) } })).toBe('A C B');
  });

  test('BEFORE and AFTER: right before and right after the other', () => {
    const modules = [
      module('A', TRUE),
      module('C', after('B')),
      module('B', TRUE),
      module('D', before('B')),
      module('E', TRUE),
    ];
    expect(order(modules)).toBe('A D B C E');
  });

  test('BEFORE one that waits means to wait with it', () => {
    const modules = [
      module('A', before('B')),
      module('B', push(CpuArchProtocol)),
      module('C', TRUE),
    ];
    expect(order(modules, { starts: { C: installs(CpuArchProtocol) } })).toBe('C A B');
  });

  test('chains of BEFORE and AFTER', () => {
    const modules = [
      module('A', before('B')),
      module('B', before('C')),
      module('C', TRUE),
      module('D', after('A')),
    ];
    expect(order(modules)).toBe('A D B C');
  });

  test('the a-priori file comes first, in its own order, whatever it waits for', () => {
    const modules = [module('A', TRUE), module('B', push(CpuArchProtocol)), module('C')];
    expect(order(modules, { aPriori: ['C', 'X', 'B'] })).toBe('C B A');
  });

  test('without an expression a module waits for the architecture', () => {
    const modules = [module('U', undefined, 'UEFI_DRIVER'), module('B', TRUE)];
    const arch = [CpuArchProtocol, MetronomeArchProtocol, TimerArchProtocol, ResetArchProtocol];
    const starts = { B: installs(BdsArchProtocol) };
    expect(order(modules, { installed: arch, starts })).toBe('B U');
    expect(order(modules, { installed: arch })).toBe('B');
  });

  test('an application is never dispatched, and does not wait either', () => {
    const { dispatcher, started } = world([module('A', TRUE, 'UEFI_APPLICATION')]);
    expect(dispatcher.dispatch()).toBe(0);
    expect(started).toEqual([]);
    expect(dispatcher.undispatched()).toEqual([]);
  });
});

describe('Dispatch (PI 1.9 Vol. 2 §7.3.1)', () => {
  test('says how many it started; each only once', () => {
    const { dispatcher, installed } = world([
      module('A', TRUE),
      module('B', push(CpuArchProtocol)),
    ]);
    expect(dispatcher.dispatch()).toBe(1);
    expect(dispatcher.dispatch()).toBe(0);
    installed.add(CpuArchProtocol.guid);
    expect(dispatcher.dispatch()).toBe(1);
  });

  test('called by what it dispatches, it is EFI_ALREADY_STARTED', () => {
    let status: string | undefined;
    const starts = {
      A: ({ dispatcher }: World) => {
        try {
          dispatcher.dispatch();
        } catch (caught) {
          if (isEfiFailure(caught)) ({ status } = caught);
        }
      },
    };
    expect(order([module('A', TRUE), module('B', TRUE)], { starts })).toBe('A B');
    expect(status).toBe('EFI_ALREADY_STARTED');
  });

  test('a module that fails is reported, and not tried again', () => {
    const starts = {
      A: () => {
        const cause = new EfiError('EFI_DEVICE_ERROR', 'no device');
        throw new EfiError('EFI_DEVICE_ERROR', 'A failed: EFI_DEVICE_ERROR: no device', { cause });
      },
    };
    const { dispatcher, started, said } = world([module('A', TRUE), module('B', TRUE)], { starts });
    dispatcher.dispatch();
    dispatcher.dispatch();
    expect(started).toEqual(['A', 'B']);
    expect(said).toContainEqual([DEBUG_ERROR, 'A was not started: EFI_DEVICE_ERROR: no device']);
    expect(dispatcher.failures()).toMatchObject([
      {
        module: { name: 'A' },
        error: { status: 'EFI_DEVICE_ERROR' },
        reason: 'EFI_DEVICE_ERROR: no device',
      },
    ]);
    expect(dispatcher.undispatched()).toEqual([]);
  });

  test('a module that this machine has nothing for says EFI_UNSUPPORTED, which is no error', () => {
    const starts = {
      A: () => {
        throw new EfiError('EFI_UNSUPPORTED', 'there is no bus');
      },
    };
    const { dispatcher, said } = world([module('A', TRUE)], { starts });
    dispatcher.dispatch();
    expect(said).toContainEqual([DEBUG_LOAD, 'A is not needed: EFI_UNSUPPORTED: there is no bus']);
    expect(said.filter(([level]) => level === DEBUG_ERROR)).toEqual([]);
    expect(dispatcher.failures()).toHaveLength(1);
  });

  test('a module’s bug goes through unharmed, and the dispatcher can be asked again', () => {
    const bug = new TypeError('a bug of the module');
    const starts = {
      A: () => {
        throw bug;
      },
    };
    const { dispatcher, traced } = world([module('A', TRUE), module('B', TRUE)], { starts });
    expect(() => dispatcher.dispatch()).toThrow(bug);
    expect(traced.map(([name]) => name)).toEqual(['dxe_dispatch_begin', 'dxe_dispatch_end']);
    expect(dispatcher.dispatch()).toBe(1);
  });
});

describe('what was never dispatched', () => {
  test('is reported with the unmet part of its expression', () => {
    const { dispatcher, said } = world(
      [
        module('Able', { op: 'AND', operands: [push(CpuArchProtocol), push(TimerArchProtocol)] }),
        module('Baker', after('Able')),
        module('Charlie', before('X')),
        module('Dog', { op: 'FALSE' }),
      ],
      { installed: [CpuArchProtocol] },
    );
    dispatcher.dispatch();
    expect(dispatcher.undispatched().map(({ unmet }) => unmet)).toEqual([
      'TimerArch',
      'AFTER Able',
      `BEFORE ${guidOf('X')}`,
      'FALSE',
    ]);
    dispatcher.displayUndispatched();
    expect(said).toContainEqual([
      DEBUG_LOAD,
      'Able was discovered but not dispatched; it waits for: TimerArch',
    ]);
  });
});

describe('a protocol that is uninstalled again', () => {
  /** B waits for two protocols; the first is gone when the second comes. */
  const startsAll = (profile: Profile) => {
    const both: Depex = { op: 'AND', operands: [push(CpuArchProtocol), push(TimerArchProtocol)] };
    const { dispatcher, installed } = world([module('B', both)], { profile });
    installed.add(CpuArchProtocol.guid);
    dispatcher.dispatch();
    installed.delete(CpuArchProtocol.guid);
    installed.add(TimerArchProtocol.guid);
    return dispatcher.dispatch() === 1;
  };

  test('specification: is not there', () => {
    expect(startsAll('specification')).toBe(false);
  });

  test('edk2: counts as installed once it was found (quirk DepexRemembersPush)', () => {
    expect(startsAll('edk2')).toBe(true);
  });

  test.each(PROFILES)('%s: what was never found does not count', (profile) => {
    const { dispatcher } = world([module('B', push(CpuArchProtocol))], { profile });
    expect(dispatcher.dispatch()).toBe(0);
  });
});
