import { expect, test } from 'vitest';
import { scenarioJsonSchema } from './json-schema.ts';

test('scenario.schema.json is current (vitest -u writes it)', async () => {
  const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../scenario.schema.json');
});

test('the JSON Schema offers nothing that a text cannot give', () => {
  const text = JSON.stringify(scenarioJsonSchema());
  expect(text).not.toContain('live');
  expect(text).not.toContain('claimedCapacity');
  expect(text).not.toContain('{}]');
});

test('the JSON Schema is draft-7, and closed against unknown keys', () => {
  expect(scenarioJsonSchema()).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: { machine: { additionalProperties: false } },
  });
});
