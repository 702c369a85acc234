import { Command } from 'commander';
import { scenarioJsonSchema } from '@dxelab/scenario';

/** `dxelab schema`: what editors complete scenarios by. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenarios, for editors')
    .addHelpText(
      'after',
      '\nExample:\n  dxelab schema > scenario.schema.json\n  # in a scenario: # yaml-language-server: $schema=./scenario.schema.json',
    )
    .action(() => {
      process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
    });
}
