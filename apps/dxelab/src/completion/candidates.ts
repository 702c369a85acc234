import type { Command, Option } from 'commander';

/**
 * What may stand in place of the last word of a command line.
 * @param words all behind the name of the program; the last is the one that is being typed, and may be empty
 * @returns none where a file is meant, or something that nobody can guess
 */
export function candidates(program: Command, words: readonly string[]): readonly string[] {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find((each) => each.name() === before[0]) ?? program;
  return all(command, before, typed).filter((word) => word.startsWith(typed));
}

function all(command: Command, before: readonly string[], typed: string): readonly string[] {
  const option = takesValue(command, before.at(-1));
  if (option !== undefined) return option.argChoices ?? [];
  const help = command.createHelp();
  if (typed.startsWith('-')) {
    return help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  }
  if (command.parent === null) return help.visibleCommands(command).map((each) => each.name());
  return command.registeredArguments[countArguments(command, before)]?.argChoices ?? [];
}

/** The option whose value comes behind this word. */
function takesValue(command: Command, word: string | undefined): Option | undefined {
  return command.options.find(
    ({ long, short, required, optional }) =>
      (required || optional) && word !== undefined && [long, short].includes(word),
  );
}

/** How many arguments stand behind the name of the command. */
function countArguments(command: Command, before: readonly string[]): number {
  return before
    .slice(1)
    .filter((word, index) => !word.startsWith('-') && !takesValue(command, before[index])).length;
}
