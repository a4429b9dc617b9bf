/** The scripts that connect a shell to `__complete`. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** @param describe false: candidates without descriptions (bash never shows them) */
export function completionScript(shell: Shell, program: string, describe: boolean): string {
  const name = program.replace(/\W/g, '_');
  const call = shell === 'bash' || !describe ? '__completeNoDesc' : '__complete';
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program, name, call);
}

function bashScript(program: string, name: string, call: string): string {
  return `# bash completion for ${program}
__${name}_complete() {
  local cur=\${COMP_WORDS[COMP_CWORD]} cword=$COMP_CWORD output directive
  local -a words=("\${COMP_WORDS[@]}")
  # Bash splits words at : and =; bash-completion puts them together again.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: cur words cword
  fi
  output=$("\${words[0]}" ${call} "\${words[@]:1:cword-1}" "$cur" 2>/dev/null) || return
  directive=\${output##*:}
  output=\${output%:*}
  local IFS=$'\\n'
  COMPREPLY=($output)
  if ((directive & 2)); then compopt -o nospace; fi
  if ((\${#COMPREPLY[@]} == 0 && (directive & 4) == 0)); then compopt -o default; fi
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}
complete -F __${name}_complete ${program}
`;
}

function zshScript(program: string, name: string, call: string): string {
  return `#compdef ${program}
_${name}() {
  local output line directive
  local -a lines candidates options
  output=$("\${words[1]}" ${call} "\${(@)words[2,CURRENT]}" 2>/dev/null) || return
  lines=("\${(@f)output}")
  directive=\${lines[-1]#:}
  for line in "\${(@)lines[1,-2]}"; do
    [[ -n $line ]] || continue
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${line#*$'\\t'}}")
  done
  if ((directive & 2)); then options=(-S ''); fi
  if ((\${#candidates} > 0)); then _describe '${program}' candidates $options; return; fi
  if (((directive & 4) == 0)); then _files; fi
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${program}; fi
`;
}

function fishScript(program: string, name: string, call: string): string {
  return `# fish completion for ${program}
function __${name}_complete
  set -l tokens (commandline -opc)
  set -l current (commandline -ct)
  set -l lines ($tokens[1] ${call} $tokens[2..-1] "$current" 2>/dev/null)
  set -l directive (string replace ':' '' -- $lines[-1])
  set -e lines[-1]
  if test (count $lines) -gt 0
    printf '%s\\n' $lines
  else if test (math "floor($directive / 4) % 2") -eq 0
    __fish_complete_path "$current"
  end
end
complete -c ${program} -f -a '(__${name}_complete)'
`;
}
