//! `completions`: what clap generates, joined to each shell's completion of `git`.
//!
//! Not here: putting it where the shells look (install.sh).

use clap::ValueEnum;
use clap_complete::Shell;

use super::{Exit, Surroundings};
use crate::error::Result;

/// Print what completes `git branchwork <TAB>` in a shell
///
/// install.sh puts it where each shell looks. By hand, for bash: `source <(git branchwork completions bash)`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Which shell
    shell: Supported,
}

/// The shells whose completion of `git` can be taught a command.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Supported {
    Bash,
    Zsh,
    Fish,
}

/// git's completion for bash calls `_git_<command>`, loading a file called `git-<command>` for it (git-completion.bash,
/// `__git_complete_command`). The generated function expects to stand first on the line, and knows no branches.
const BASH: &str = r#"
_git_branchwork() {
    local at=0
    while [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} != branchwork ]]; do
        at=$((at + 1))
    done
    local COMP_WORDS=(git-branchwork "${COMP_WORDS[@]:at+1}") COMP_CWORD=$((COMP_CWORD - at))
    _git-branchwork-and-branches git-branchwork "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    # git asks for no blank behind what is completed, because it brings its own.
    for at in "${!COMPREPLY[@]}"; do
        [[ -d ${COMPREPLY[at]} ]] || COMPREPLY[at]+=' '
    done
}

_git-branchwork-and-branches() {
    case $3 in
    -b | --branch | --base)
        local IFS=$'\n'
        COMPREPLY=($(compgen -W "$(git for-each-ref --format='%(refname:short)' refs/heads 2>/dev/null)" -- "$2"))
        ;;
    *)
        _git__branchwork "$@"
        ;;
    esac
}

complete -F _git-branchwork-and-branches -o bashdefault -o default git-branchwork
"#;

/// git's completion for zsh finds `_git-<command>` by itself and reads what it is for from the second line (`_git`).
const ZSH: &str = "#compdef git-branchwork\n#description one Markdown document for every branch\n";

/// What git's completion for fish makes of custom commands differs from version to version (3.6.0 asks for a subcommand
/// `git-branchwork`), so it is not relied upon. install.sh gives the part from its first line on to each new shell, because
/// fish loads nothing of ours by itself when `git` is completed.
const FISH: &str = r#"
# Connects it to the completion of git.
function __fish_git_branchwork_behind_git
    set -l words (commandline -opc)
    set -l at (contains -i -- branchwork $words)
    or return
    set -e words[1..$at]
    set -l before (string escape -- $words | string join ' ')
    complete -C "git-branchwork $before "(commandline -ct)
end
complete -c git -n '__fish_git_using_command branchwork' -x -a '(__fish_git_branchwork_behind_git)'
complete -c git-branchwork -s b -l branch -x -a '(git for-each-ref --format=\%\(refname:short\) refs/heads 2>/dev/null)'
"#;

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let shell = match arguments.shell {
        Supported::Bash => Shell::Bash,
        Supported::Zsh => Shell::Zsh,
        Supported::Fish => Shell::Fish,
    };
    let mut generated = Vec::new();
    let mut description = super::description().bin_name("git-branchwork");
    clap_complete::generate(shell, &mut description, "git-branchwork", &mut generated);
    let generated = String::from_utf8_lossy(&generated);
    let script = match arguments.shell {
        // clap_complete 4.6.11 writes the dash of the program's name in two ways, and then completes no option.
        Supported::Bash => format!(
            "{}{BASH}",
            generated.replace("git__subcmd__branchwork", "git__branchwork")
        ),
        Supported::Zsh => format!("{ZSH}{}", generated.trim_start_matches("#compdef git-branchwork\n")),
        Supported::Fish => format!("{generated}{FISH}"),
    };
    surroundings.ui.data(script.as_bytes())?;
    Ok(Exit::Ok)
}
