import { Argument, Command } from 'commander';
import { print } from './command-output.ts';
import { candidates } from './completion/candidates.ts';
import type { Shell } from './completion/completion-scripts.ts';
import { COMPLETION_SCRIPTS, SHELLS } from './completion/completion-scripts.ts';

const EXAMPLES = `
Examples:
  eval "$(dxelab completion bash)"                                   # in ~/.bashrc
  eval "$(dxelab completion zsh)"                                    # in ~/.zshrc, behind compinit
  dxelab completion fish > ~/.config/fish/completions/dxelab.fish

Exit status: 0.`;

/** `dxelab completion`: what makes a shell complete the words of our command line. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print what makes a shell complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => print(COMPLETION_SCRIPTS[shell]));
}

/** `dxelab complete`: what such a shell asks for; people need not see it. */
export function completeCommand(program: Command): Command {
  return new Command('complete').argument('[words...]').action((words: readonly string[]) =>
    print(
      candidates(program, words)
        .map((word) => `${word}\n`)
        .join(''),
    ),
  );
}
