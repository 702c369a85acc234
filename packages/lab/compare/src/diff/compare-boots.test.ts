import type { BootReport } from '@dxelab/scenario';
import { boot, defineScenario, prepareLive } from '@dxelab/scenario';
import { expect, test } from 'vitest';
import { compareBoots } from './compare-boots.ts';
import { Declarations } from './declarations.ts';
import { DifferenceList } from './difference-list.ts';

const scenario = defineScenario({ steps: [{ connect: 'all' }] });
const report = boot(prepareLive(scenario));

/** What two boots differ in that said this on their consoles. */
function consoles(first: string, second: string): DifferenceList['all'] {
  const said = (console: string): BootReport => ({ ...report, console });
  const differences = new DifferenceList();
  compareBoots([said(first), said(second)], new Declarations(scenario), differences);
  return differences.all;
}

test('of two consoles the lines that differ are shown, and no others', () => {
  const differences = consoles('one\r\nseed 1\r\nthree\r\n', 'one\r\nseed 2\r\nthree\r\n');
  expect(differences).toMatchObject([
    { kind: 'boot', name: 'console', texts: [String.raw`"seed 1\r"`, String.raw`"seed 2\r"`] },
  ]);
});

test('a line too many is one difference, wherever it stands', () => {
  expect(consoles('a\nc\nd', 'a\nb\nc\nd')).toMatchObject([{ texts: [undefined, '"b"'] }]);
  expect(consoles('x\na\na', 'a\na')).toMatchObject([{ texts: ['"x"', undefined] }]);
  expect(consoles('a\na', 'a')).toMatchObject([{ texts: ['"a"', undefined] }]);
});

test('consoles that say the same do not differ', () => {
  expect(consoles('a\nb', 'a\nb')).toEqual([]);
});
