/**
 * What a shell is told once. Each time that Tab is pressed it asks `dxelab complete` for the words that may
 * stand there, and offers files where there are none.
 */
export const COMPLETION_SCRIPTS = {
  bash: `_dxelab() {
  local IFS=$'\\n'
  COMPREPLY=($(dxelab complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null))
}
complete -o default -F _dxelab dxelab
`,
  zsh: `_dxelab() {
  local -a candidates
  candidates=("\${(@f)$(dxelab complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  if [[ -n \${candidates[1]} ]]; then compadd -- "\${candidates[@]}"; else _files; fi
}
compdef _dxelab dxelab
`,
  fish: `function __dxelab_complete
  set -l before (commandline -opc)
  dxelab complete -- $before[2..] (commandline -ct) 2> /dev/null
end
complete -c dxelab -n 'test -n "$(__dxelab_complete)"' -f -a '(__dxelab_complete)'
`,
} as const;

/** The shells that can be told. */
export type Shell = keyof typeof COMPLETION_SCRIPTS;

export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];
