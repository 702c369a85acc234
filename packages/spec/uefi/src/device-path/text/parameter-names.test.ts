import { expect, test } from 'vitest';
import { NODE_TEXTS } from './node-texts.ts';
import { PARAMETERS } from './parameter-names.ts';

test('all parameters have names but those of lists, and those that the table gives none (§10.6.1.6)', () => {
  const names = new Set(NODE_TEXTS.map(({ name }) => name));
  const nameless = [...names].filter((name) => !PARAMETERS.has(name));
  const withoutAny = ['VenPcAnsi', 'VenVt100', 'VenVt100Plus', 'VenUtf8', 'DebugPort'];
  const others = ['NvdimmAcpiAdr', 'AcpiAdr', 'Dns', 'FvFile', 'Fv'];
  expect(nameless.toSorted()).toEqual([...withoutAny, ...others].toSorted());
  expect([...PARAMETERS.keys()].filter((name) => !names.has(name))).toEqual([]);
});
