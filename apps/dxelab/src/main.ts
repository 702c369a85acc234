import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { bootCommand } from './boot-command.ts';
import { schemaCommand } from './schema-command.ts';

const program = new Command('dxelab')
  .description(
    'A laboratory for UEFI drivers: a firmware like OVMF on a machine that shows everything.',
  )
  .version(ownVersion())
  .showHelpAfterError('(--help says what there is)')
  .addCommand(bootCommand(), { isDefault: false })
  .addCommand(schemaCommand());

try {
  await program.parseAsync();
} catch (caught) {
  // what the options' own checks throw has been worded for the user
  program.error(`error: ${caught instanceof Error ? caught.message : String(caught)}`, {
    exitCode: 2,
  });
}

/** The version in our own manifest. */
function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}
