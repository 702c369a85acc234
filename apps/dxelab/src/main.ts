import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { bootCommand } from './boot-command.ts';
import { compareCommand } from './compare-command.ts';
import { ringCommand } from './ring-command.ts';
import { schemaCommand } from './schema-command.ts';
import { varsCommand } from './vars-command.ts';

/** Of a command that could not be understood, as of one that had nothing to boot. */
const UNUSABLE = 2;

const program = new Command('dxelab')
  .description(
    'A laboratory for UEFI drivers: a firmware like OVMF on a machine that shows everything.',
  )
  .version(ownVersion())
  .showHelpAfterError('(--help says what there is)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : UNUSABLE));
for (const command of [
  bootCommand(),
  compareCommand(),
  ringCommand(),
  varsCommand(),
  schemaCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
}

await program.parseAsync();

/** The version in our own manifest. */
function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}
