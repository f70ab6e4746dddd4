/** Shells that completion is written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/**
 * By shell what it has to read once. Each asks `vipkeeper complete` for the words, so that no script is older than the
 * program; where that knows none, file names are completed.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# vipkeeper completion bash > /etc/bash_completion.d/vipkeeper
_vipkeeper() {
  local line=\${COMP_LINE:0:COMP_POINT}
  local current=\${line##*[[:space:]]}
  mapfile -t COMPREPLY < <(vipkeeper complete "$line" 2>/dev/null)
  # Bash breaks words at colons, and puts what we answer behind the last one.
  local prefix=\${current%"\${current##*:}"}
  COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
}
complete -o bashdefault -o default -F _vipkeeper vipkeeper
`,
  zsh: `#compdef vipkeeper
# vipkeeper completion zsh > "\${fpath[1]}/_vipkeeper"
_vipkeeper() {
  local -a found
  found=("\${(@f)$(vipkeeper complete "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
if [[ "$funcstack[1]" = _vipkeeper ]]; then _vipkeeper "$@"; else compdef _vipkeeper vipkeeper; fi
`,
  fish: `# vipkeeper completion fish > ~/.config/fish/completions/vipkeeper.fish
function __vipkeeper_words
  set -l found (vipkeeper complete (commandline -cp | string collect) 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c vipkeeper -f -a '(__vipkeeper_words)'
`,
};
