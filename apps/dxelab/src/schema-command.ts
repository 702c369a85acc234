import { Command } from 'commander';

/** `dxelab schema`: what editors complete scenarios by. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenarios, for editors')
    .addHelpText(
      'after',
      '\nExample:\n  dxelab schema > scenario.schema.json\n  # in a scenario: # yaml-language-server: $schema=./scenario.schema.json\n\nExit status: 0.',
    )
    .action(async () => {
      // only now: a boot reads scenarios in its worker, and not here
      const { scenarioJsonSchema } = await import('@dxelab/scenario');
      process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
    });
}
