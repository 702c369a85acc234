import { readFileSync } from 'node:fs';
import { parseScenario } from '@dxelab/scenario';
import { describe, expect, test } from 'vitest';
import { bootEmptyDisk } from './empty-disk.fixture.ts';

const README = readFileSync(new URL('../../../scenario/README.md', import.meta.url), 'utf8');
const examples = [...README.matchAll(/^```yaml\n(?<text>.*?)^```$/gmsu)].map(
  ({ groups }) => groups?.['text'] ?? '',
);

describe('the README of lab/scenario', () => {
  test('shows a scenario that is one', () => {
    expect(examples.map((text) => parseScenario(text, 'README.md').expect.length)).toEqual([
      3, 0, 0, 1, 1, 2, 0,
    ]);
  });

  test('shows a mistake as it is shown', () => {
    const text =
      "machine:\n  memory: 256 MiB\n\n  devices:\n    - virtio-blk: { slot: '02.0', imge: disk.img }\n";
    let shown = '';
    try {
      parseScenario(text, 'disk.yaml');
    } catch (caught) {
      shown = String(caught instanceof Error ? caught.message : caught);
    }
    const [excerpt] = README.match(/^disk\.yaml:(?:.|\n)*?\^+$/mu) ?? [];
    expect(shown).toContain(excerpt);
  });

  test('boots an empty disk', () => {
    expect(bootEmptyDisk().outcome.kind).toBe('completed');
  });
});
