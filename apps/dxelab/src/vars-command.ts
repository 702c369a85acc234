import { Argument, Command } from 'commander';
import { print, show, styleOf } from './command-output.ts';
import type { VarsAction, VarsFlags } from './vars/vars-options.ts';
import { VARS_ACTIONS } from './vars/vars-options.ts';

const EXAMPLES = String.raw`
Examples:
  dxelab vars OVMF_VARS.fd                        list all variables, with what they mean
  dxelab vars OVMF_VARS.fd show Boot0001          all about one, its bytes too
  dxelab vars OVMF_VARS.fd set Timeout 5
  dxelab vars OVMF_VARS.fd set Boot0002 '"Linux" HD(1,GPT,64e1ab00-0000-4000-8000-0000000000e5)/\EFI\linux.efi'
  dxelab vars OVMF_VARS.fd set BootOrder 0002,0000
  dxelab vars OVMF_VARS.fd set Mine --hex '01 ff' --vendor 837dca9e-e874-4d82-b29a-23fe0e23d1e2
  dxelab vars OVMF_VARS.fd delete BootNext
  dxelab vars new.fd create                       an empty store, as large as OVMF's
  dxelab vars OVMF_VARS.fd --json | jq .variables

A store is what QEMU has as its second pflash, and what a scenario names under firmware.variables. A
change is made all at once: whatever interrupts it, the file is the old one or the new one.

Exit status: 0; 2 if the file is no variable store, or what was asked for cannot be done.`;

/** `dxelab vars`: what is in a variable store of OVMF's, and changes to it. */
export function varsCommand(): Command {
  return new Command('vars')
    .description('list, show, set and delete the variables in a store such as OVMF_VARS.fd')
    .argument('<file>', 'a variable store')
    .addArgument(new Argument('[action]', 'what to do').choices(VARS_ACTIONS).default('list'))
    .argument('[name]', 'of a variable, such as BootOrder')
    .argument('[value]', 'to set: a text where the meaning of a variable is known, or --hex')
    .option('--vendor <guid>', "of the variable (default: whoever has the name, or UEFI's own)")
    .option('--attributes <names>', 'to set, such as NV,BS,RT (default: those it has, or these)')
    .option('--hex', 'the value is bytes in hexadecimal')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(vars);
}

async function vars(
  file: string,
  action: VarsAction,
  name: string | undefined,
  value: string | undefined,
  options: VarsFlags,
): Promise<void> {
  // only now: no other command needs to read a store
  const { runVars } = await import('./vars/run-vars.ts');
  const result = await runVars({ file, action, name, value, options });
  const json = options.json === true;
  if ('problem' in result) {
    process.exitCode = show({ kind: 'problem', message: result.problem }, json);
    return;
  }
  print(
    json ? `${JSON.stringify(result.data, undefined, 2)}\n` : result.text(styleOf(process.stdout)),
  );
}
