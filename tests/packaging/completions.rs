//! `git branchwork <TAB>` in real shells, with git's own completion where the machine has it.

use std::path::Path;

use super::program;
use super::sandbox::{Sandbox, run};

/// A repository with branches to complete, and the script for a shell.
fn prepared(shell: &str, file: &str) -> Sandbox {
    let sandbox = Sandbox::without_hooks();
    for branch in ["feat/one", "feat/two"] {
        sandbox.git(["branch", branch]);
    }
    let script = sandbox.branchwork(["completions", shell]).stdout;
    let path = sandbox.path(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, script).unwrap();
    sandbox
}

#[test]
fn bash() {
    let git = [
        "/usr/share/bash-completion/completions/git",
        "/usr/share/git-core/contrib/completion/git-completion.bash",
        "/etc/bash_completion.d/git",
    ];
    let Some(bash) = program("bash") else { return };
    let sandbox = prepared("bash", "git-branchwork");
    let git = git.into_iter().find(|path| Path::new(path).is_file());
    if git.is_none() {
        eprintln!("not tested with git's own completion, which is not here");
    }
    let script = format!(
        r#"{}
        . {}
        complete_words() {{
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            COMP_LINE="$*"; COMP_POINT=${{#COMP_LINE}}
            "$function" "$1" "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
            printf '%s|' "${{COMPREPLY[@]}}"; echo
        }}
        function=$(type -t __git_wrap__git_main >/dev/null && echo __git_wrap__git_main || echo _git_branchwork)
        complete_words git branchwork hi
        complete_words git -C . branchwork show -b fe
        complete_words git branchwork check --a
        function=$(complete -p git-branchwork | sed 's/.*-F \([^ ]*\).*/\1/')
        complete_words git-branchwork hi
        complete_words git-branchwork show --branch feat/t
        "#,
        git.map(|path| format!(". {path}")).unwrap_or_default(),
        sandbox.path("git-branchwork").display(),
    );
    let run = run(sandbox.command(bash).args(["--norc", "-c", &script])).ok();
    assert_eq!(
        run.stdout, "history |\nfeat/one |feat/two |\n--all |\nhistory|\nfeat/two|\n",
        "{}",
        run.stderr
    );
}

#[test]
fn fish() {
    let Some(fish) = program("fish") else { return };
    let sandbox = prepared(
        "fish",
        "home/.local/share/fish/vendor_completions.d/git-branchwork.fish",
    );
    let script = format!(
        "source {}; for line in 'git branchwork hi' 'git -C . branchwork show -b fe' 'git branchwork check --al' \
         'git-branchwork hi'; complete -C $line | string replace -r '\\t.*' ''; end",
        sandbox
            .path("home/.local/share/fish/vendor_completions.d/git-branchwork.fish")
            .display()
    );
    let run = run(sandbox.command(fish).args(["-c", &script]));
    assert_eq!(
        run.stdout, "history\nfeat/one\nfeat/two\n--all\nhistory\n",
        "{}",
        run.stderr
    );
}

#[test]
fn zsh() {
    let Some(zsh) = program("zsh") else { return };
    let sandbox = prepared("zsh", "functions/_git-branchwork");
    // A second shell behind a terminal of its own is what completes: zsh has no other way in. The terminal echoes what is
    // typed, so the words that are waited for are typed in two pieces.
    let script = format!(
        r#"zmodload zsh/zpty || {{ echo 'no zpty'; exit }}
        zpty inner {} -f -i
        zpty -w inner 'PS1=; RPS1=; fpath=({} $fpath); autoload -Uz compinit; compinit -u -D'
        zpty -w inner 'report() {{ print -r -- "LI""NE<$BUFFER>"; exit }}; zle -N report; bindkey "^X" report'
        zpty -w inner 'echo REA''DY'
        zpty -r inner said '*READY*'
        zpty -n -w inner $'git branchwork his\t\C-x'
        zpty -r -m inner said '*LINE<*>*'
        print -r -- "${{${{said##*LINE<}}%%>*}}""#,
        zsh.display(),
        sandbox.path("functions").display(),
    );
    let run = run(sandbox.command(&zsh).args(["-f", "-c", &script])).ok();
    if run.line() == "no zpty" {
        eprintln!("not tested: this zsh has no zpty");
        return;
    }
    assert_eq!(run.line(), "git branchwork history ", "{}", run.stderr);
}
