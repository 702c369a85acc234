import type { EfiRuntimeServices, EfiVariable, EfiVariableName } from '@dxelab/uefi';
import {
  EFI_VARIABLE_BOOTSERVICE_ACCESS as BS,
  EFI_VARIABLE_HARDWARE_ERROR_RECORD as HR,
  EFI_VARIABLE_NON_VOLATILE as NV,
  EFI_VARIABLE_RUNTIME_ACCESS as RT,
  guid,
} from '@dxelab/uefi';
import type { Check, SctCheck } from '../sct-check.fixture.ts';
import { checksOf, same } from '../sct-check.fixture.ts';
import type { SctWorld } from '../sct-world.fixture.ts';

const VENDOR = guid('a5a5a5a5-0000-4000-8000-000000000003');
const OTHER = guid('a5a5a5a5-0000-4000-8000-000000000004');
const NAME = 'TestVariable';
/** All that a variable can be without being authenticated. */
const KINDS = [BS, NV | BS, BS | RT, NV | BS | RT] as const;

function data(first: number): Uint8Array {
  return Uint8Array.from({ length: 10 }, (_, index) => index + first);
}

/** With variables of each kind, one after the other. */
function eachKind(check: (rt: EfiRuntimeServices, kind: number, world: SctWorld) => void): Check {
  return (world) => {
    world.core.dispatch();
    for (const kind of KINDS) {
      world.rt.setVariable(NAME, VENDOR, kind, data(0));
      check(world.rt, kind, world);
      world.rt.setVariable(NAME, VENDOR, 0, new Uint8Array(0));
    }
  };
}

function reads(rt: EfiRuntimeServices, expected: EfiVariable): void {
  same(rt.getVariable(NAME, VENDOR), expected);
}

/** Whether an enumeration meets it. */
function isListed(rt: EfiRuntimeServices): boolean {
  let at: EfiVariableName | undefined = rt.getNextVariableName(undefined);
  while (at !== undefined) {
    if (at.name === NAME && at.vendor === VENDOR) return true;
    at = rt.getNextVariableName(at);
  }
  return false;
}

/** Variable services (UEFI §8.2). */
export const VARIABLE_CHECKS: readonly SctCheck[] = [
  ...checksOf('GetVariable', [
    ['conformance 1 to 4', 'no name, vendor, length or place for the data', 'C'],
    [
      'conformance 5',
      'of a name that is not there, though one like it is',
      eachKind((rt, _kind, world) => {
        for (const name of [`${NAME}1`, NAME.slice(1), NAME.toLowerCase()]) {
          world.expectStatus('EFI_NOT_FOUND', () => rt.getVariable(name, VENDOR));
        }
      }),
    ],
    [
      'conformance 6',
      'of another vendor',
      eachKind((rt, _kind, world) =>
        world.expectStatus('EFI_NOT_FOUND', () => rt.getVariable(NAME, OTHER)),
      ),
    ],
    ['conformance 7', 'a buffer that is too small', 'C'],
    [
      'function 1',
      'data and attributes',
      eachKind((rt, kind) => reads(rt, { attributes: kind, data: data(0) })),
    ],
  ]),
  ...checksOf('GetNextVariableName', [
    ['conformance 1 to 4, 6', 'no length, name or vendor; a buffer that is too small', 'C'],
    [
      'conformance 5',
      'behind the last one there is none',
      eachKind((rt) => {
        let [count, at] = [0, rt.getNextVariableName(undefined)];
        for (; at !== undefined; count += 1) at = rt.getNextVariableName(at);
        same(count > 0, true);
      }),
    ],
    [
      'conformance 7',
      'behind one that is not there',
      eachKind((rt, _kind, world) => {
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          rt.getNextVariableName({ name: 'Nobody', vendor: VENDOR }),
        );
      }),
    ],
    ['function 1', 'each one is met', eachKind((rt) => same(isListed(rt), true))],
  ]),
  ...checksOf('SetVariable', [
    [
      'conformance 1',
      'without a name',
      (world) => {
        world.core.dispatch();
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.rt.setVariable('', VENDOR, NV | BS, data(0)),
        );
      },
    ],
    [
      'conformance 2',
      'runtime access without boot services access',
      (world) => {
        world.core.dispatch();
        for (const attributes of [RT, NV | RT]) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            world.rt.setVariable(NAME, VENDOR, attributes, data(0)),
          );
        }
      },
    ],
    [
      'conformance 3',
      'other attributes than it has, and it stays as it is',
      eachKind((rt, kind, world) => {
        for (const other of KINDS.filter((one) => one !== kind)) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            rt.setVariable(NAME, VENDOR, other, data(1)),
          );
          reads(rt, { attributes: kind, data: data(0) });
        }
      }),
    ],
    [
      'conformance 4',
      'more than there is room for',
      (world) => {
        world.core.dispatch();
        const { maximumVariableStorageSize } = world.rt.queryVariableInfo(NV | BS | RT);
        world.expectStatus('EFI_INVALID_PARAMETER', () =>
          world.rt.setVariable(
            NAME,
            VENDOR,
            NV | BS | RT,
            new Uint8Array(maximumVariableStorageSize + 1),
          ),
        );
      },
    ],
    [
      'conformance 5, function 6',
      'without data it is deleted',
      eachKind((rt, kind, world) => {
        rt.setVariable(NAME, VENDOR, kind, new Uint8Array(0));
        world.expectStatus('EFI_NOT_FOUND', () => rt.getVariable(NAME, VENDOR));
        rt.setVariable(NAME, VENDOR, kind, data(0));
      }),
    ],
    [
      'conformance 6, 7',
      'hardware error records with attributes that they cannot have',
      (world) => {
        world.core.dispatch();
        for (const attributes of [HR, HR | NV, HR | BS, HR | RT, HR | BS | RT]) {
          world.expectStatus('EFI_INVALID_PARAMETER', () =>
            world.rt.setVariable('HwErrRec0000', VENDOR, attributes, data(0)),
          );
        }
      },
    ],
    [
      'function 1',
      'a new one',
      eachKind((rt, kind) => reads(rt, { attributes: kind, data: data(0) })),
    ],
    [
      'function 2',
      'the same data again',
      eachKind((rt, kind) => {
        rt.setVariable(NAME, VENDOR, kind, data(0));
        reads(rt, { attributes: kind, data: data(0) });
      }),
    ],
    [
      'function 3, 4',
      'other data, longer or shorter',
      eachKind((rt, kind) => {
        for (const other of [data(1), Uint8Array.of(...data(0), 10), data(0).slice(0, 9)]) {
          rt.setVariable(NAME, VENDOR, kind, other);
          reads(rt, { attributes: kind, data: other });
        }
      }),
    ],
    [
      'function 5',
      'names that are alike are different variables',
      eachKind((rt, kind) => {
        rt.setVariable(`${NAME}A`, VENDOR, kind, data(1));
        rt.setVariable(NAME.slice(0, -1), VENDOR, kind, data(2));
        reads(rt, { attributes: kind, data: data(0) });
        same(rt.getVariable(`${NAME}A`, VENDOR).data, data(1));
        same(rt.getVariable(NAME.slice(0, -1), VENDOR).data, data(2));
        for (const name of [`${NAME}A`, NAME.slice(0, -1)]) {
          rt.setVariable(name, VENDOR, 0, new Uint8Array(0));
        }
      }),
    ],
    [
      'function 7',
      'without attributes it is deleted',
      eachKind((rt, kind, world) => {
        rt.setVariable(NAME, VENDOR, 0, data(0));
        world.expectStatus('EFI_NOT_FOUND', () => rt.getVariable(NAME, VENDOR));
        rt.setVariable(NAME, VENDOR, kind, data(0));
      }),
    ],
    ['function 8, 9', 'what is volatile is lost in a reset, and nothing else', 'reset'],
  ]),
  ...checksOf('QueryVariableInfo', [
    ['conformance 1 to 3', 'no place for an answer', 'C'],
    [
      'conformance 4, 5',
      'attributes that are none',
      (world) => {
        world.core.dispatch();
        for (const attributes of [0, NV, RT, NV | RT]) {
          world.expectStatus('EFI_INVALID_PARAMETER', () => world.rt.queryVariableInfo(attributes));
        }
      },
    ],
    [
      'function 1',
      'what remains is within the whole, and so is the largest variable',
      ({ core, rt }) => {
        core.dispatch();
        for (const kind of KINDS) {
          const info = rt.queryVariableInfo(kind);
          const { maximumVariableStorageSize: whole } = info;
          same(info.remainingVariableStorageSize <= whole, true);
          same(info.maximumVariableSize <= whole, true);
        }
      },
    ],
  ]),
];
