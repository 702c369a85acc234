import * as z from 'zod';
import { isLive } from './live.ts';
import { scenarioSchema } from './scenario-schema.ts';

/**
 * The JSON Schema (draft-7) of a scenario in YAML, for completion and checks in an editor:
 * `# yaml-language-server: $schema=./scenario.schema.json`. What only TypeScript can give is left out.
 */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(scenarioSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.anyOf !== undefined) {
        jsonSchema.anyOf = jsonSchema.anyOf.filter((branch) => !isLive(branch));
      }
      for (const [name, property] of Object.entries(jsonSchema.properties ?? {})) {
        if (typeof property === 'object' && isLive(property)) delete jsonSchema.properties?.[name];
      }
    },
  });
  return { ...schema, title: 'dxelab scenario' };
}
