import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { bootCommand } from './boot-command.ts';
import { show, UNUSABLE } from './command-output.ts';
import { compareCommand } from './compare-command.ts';
import { completeCommand, completionCommand } from './completion-command.ts';
import { ringCommand } from './ring-command.ts';
import { schemaCommand } from './schema-command.ts';
import { varsCommand } from './vars-command.ts';

const HELP = `
Examples:
  dxelab boot                        boot the demonstration
  dxelab boot my-scenario.yaml       boot what a scenario describes
  dxelab boot --help                 what there is to a command, with examples

Exit status: 0 for success; 1 if what was run did not succeed; 2 if it could not be run, and what is
wrong with it is said; 130 after Ctrl-C.

Colours are shown on a terminal, unless NO_COLOR is set; FORCE_COLOR=1 shows them anywhere.`;

/** Whether a program reads what comes of this command line, and is to get what is wrong with it the same way. */
const json = /(?:^|\0)--(?:json|format[\0=]json)(?:\0|$)/.test(process.argv.slice(2).join('\0'));

const program = new Command('dxelab')
  .description(
    'A laboratory for UEFI drivers: a firmware like OVMF on a machine that shows everything.',
  )
  .version(ownVersion())
  .showHelpAfterError('(--help says what there is)')
  .addHelpText('after', HELP)
  .configureOutput(json ? { writeErr: () => undefined } : {})
  .exitOverride(({ exitCode, message }) => process.exit(exitCode === 0 ? 0 : misused(message)));
for (const command of [
  bootCommand(),
  compareCommand(),
  ringCommand(),
  varsCommand(),
  schemaCommand(),
  completionCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
}
program.addCommand(completeCommand(program), { hidden: true });

await program.parseAsync();

/** What is wrong with the command line has been said, but for a program. Returns the exit status. */
function misused(message: string): number {
  if (!json) return UNUSABLE;
  return show({ kind: 'problem', message: message.replace(/^error: /, '') }, json);
}

/** The version in our own manifest. */
function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}
