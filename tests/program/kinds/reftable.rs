//! A repository that keeps its refs as a reftable, which is read by git's own commands: documents come out as they do where
//! refs are files.

use super::{Run, Sandbox, entries, field, run};
use crate::sandbox::{binary, skip};

/// The formats of refs to compare; the first alone where this git knows no other.
pub(super) fn formats() -> Vec<&'static str> {
    let probe = Sandbox::empty().try_git(["init", "-q", "--ref-format=reftable"]);
    match probe.code {
        0 => vec!["files", "reftable"],
        _ => vec!["files"],
    }
}

/// A repository of that format on `main` with one pushed commit, and hooks.
pub(super) fn begin(format: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.git(["init", "-q", "--bare", "../remote.git"]);
    // A git that knows no format refuses the option.
    let option = format!("--ref-format={format}");
    let options = (format != "files").then_some(option.as_str());
    sandbox.git(["init", "-q"].into_iter().chain(options));
    sandbox.git(["remote", "add", "origin", "../remote.git"]);
    // What people configure for their own eyes must not change what git tells us.
    for (key, value) in [
        ("color.ui", "always"),
        ("format.pretty", "oneline"),
        ("log.date", "iso"),
        ("log.decorate", "full"),
        ("log.showSignature", "true"),
    ] {
        sandbox.git(["config", key, value]);
    }
    sandbox.commit("README", "read me\n", "Begin");
    sandbox.branchwork(["init"]);
    sandbox.git(["push", "-q", "-u", "origin", "main"]);
    sandbox
}

/// Runs a command and notes what it was and what it said.
struct Story {
    sandbox: Sandbox,
    told: Vec<(String, String, String)>,
}

impl Story {
    fn tell(&mut self, run: Run) {
        let place = self.sandbox.path("").display().to_string();
        let text = |text: &str| without_ids(&text.replace(&place, "<place>/"));
        self.told
            .push((run.command.clone(), text(&run.stdout), text(&run.stderr)));
    }

    fn shell(&mut self, line: &str) {
        self.sandbox.wait(1);
        let run = self.sandbox.shell(line);
        self.tell(run);
    }

    /// The document of the view, as it is in this moment.
    fn look(&mut self, folder: &str) {
        let view = std::fs::read_to_string(self.sandbox.path(folder).join(".branchwork/CURRENT.md"));
        let state = format!("the view in {folder}");
        self.told.push((state, view.unwrap_or_default(), String::new()));
    }
}

/// The text without the random part of the documents' ids, and so without their order in time.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        word.len() == 26
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let masked = words.map(
        |word| match is_id(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) {
            true => word.replace(|c: char| c.is_ascii_alphanumeric(), "0"),
            false => word.to_owned(),
        },
    );
    masked.collect()
}

/// All that git does to a branch which has to do with refs and reflogs.
fn story(format: &str) -> Vec<(String, String, String)> {
    let mut story = Story {
        sandbox: begin(format),
        told: Vec::new(),
    };
    for line in [
        "git switch -q -c feat",
        "echo 1 >a && git add a && git commit -q -m 'Add a'",
        "echo 2 >a && git commit -q -a --amend -m 'Add a, better'",
        "git switch -q -c upper && git commit -q --allow-empty -m 'On top'",
        "git branchwork list",
        "git push -q origin upper",
        "git branchwork set -q scope=x risk=low && git push -q origin upper; git ls-remote origin",
        "git branch -m upper above && git branchwork show",
        "git commit -q --allow-empty -m 'After the new name'",
        "git switch -q feat && git rebase -q main && git commit -q --allow-empty -m 'After the rebase'",
        "git switch -q main && echo m >m && git add m && git commit -q -m 'On the trunk'",
        "git switch -q feat && git merge -q --no-edit main",
        "git switch -q --detach && GIT_TRACE=1 git branchwork list 2>/dev/null; git commit -q --allow-empty -m 'Nowhere' && git switch -q feat",
        "git worktree add -q -b there ../there",
        "cd ../there && git commit -q --allow-empty -m 'Over there'",
        "git branchwork log -b there 'From here' && git branchwork show -b there",
        "cd ../there && git branchwork log -b feat 'From there'",
        "git branch -q -D above && git branchwork list",
        "git switch -q -c above && git commit -q --allow-empty -m 'Another life'",
        "git branchwork list --json | grep -v '\"id\"'; git branchwork check; git branchwork doctor",
        "git push -q --no-verify origin feat:theirs && git fetch -q && git switch -q theirs",
        "git commit -q --allow-empty -m 'Mine, on theirs' && git branchwork show",
        "git remote set-head origin main; git pack-refs --all; git switch -q -c last && git branchwork get branch.base",
        "git checkout -q --orphan lone && git commit -q -m 'A root'",
        "git switch -q -c one main && echo 1 >c && git add c && git commit -q -m 'One' && git tag one-again",
        "git switch -q -c two main && echo 2 >c && git add c && git commit -q -m 'Two'",
        "git cherry-pick one-again; rm .branchwork/CURRENT.md; git branchwork hook post-checkout 0 0 1",
        "echo 3 >c && git add c && git checkout -q -b during; git commit -q -m 'Resolved'; git branchwork show",
        "GIT_EDITOR='git switch -q two; : ' git branchwork edit",
        "GIT_EDITOR='git switch -q during; echo By hand >>' git branchwork edit -b one",
        "GIT_EDITOR='git switch -q one; echo By hand again >>' git branchwork edit -b one",
        "git switch -q -c low main && for i in 1 2 3; do git commit -q --allow-empty -m Low-$i || exit; done",
        "git switch -q -c high && git commit -q --allow-empty -m 'High' && git commit -q --allow-empty -m 'fixup! Low-2'",
        "git switch -q main && git commit -q --allow-empty -m 'The trunk goes on'",
        "git switch -q high && git rebase -q -i --autosquash --update-refs main && git branchwork show -b low",
        "git reset -q --hard HEAD~1 && git branchwork show",
        "git branch -c low copied && git switch -q copied && git commit -q --allow-empty -m 'On the copy'",
        "git switch -q high && git branch -M high copied && git branchwork list && git branchwork show",
        "git switch -q -c under main && git switch -q -c over && git commit -q --allow-empty -m 'On one that is renamed'",
        "git branch -m under was && git switch -q -c under main",
        "git switch -q over && git commit -q --allow-empty -m 'On it still' && git branchwork get branch.base",
        "git switch -q main",
    ] {
        story.shell(line);
        story.look("repo");
        story.look("there");
    }
    let sandbox = &story.sandbox;
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
    assert!(!sandbox.git(["for-each-ref"]).stdout.contains("refs/branchwork"));
    sandbox.git(["fsck", "--full", "--strict"]);
    sandbox.store(["fsck", "--strict", "--no-dangling"]).ok();
    story.told
}

#[test]
fn a_story_is_told_alike_whatever_keeps_the_refs() {
    let told: Vec<_> = formats().into_iter().map(story).collect();
    let document = |told: &[(String, String, String)]| {
        told.iter()
            .rev()
            .find(|(state, view, _)| state == "the view in there" && !view.is_empty())
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(entries(&document(&told[0])), ["[@ada] Over there", "[@ada] From here"]);
    assert_eq!(field(&document(&told[0]), "base"), "feat");
    let [files, other] = told.as_slice() else {
        return skip("reftable", "this git does not have it");
    };
    for (files, other) in files.iter().zip(other) {
        assert_eq!(files, other);
    }
}

#[test]
fn a_git_that_gives_no_answer_stops_nothing() {
    let Some(format) = formats().get(1).copied() else {
        return skip("reftable", "this git does not have it");
    };
    let sandbox = begin(format);
    sandbox.git(["switch", "-q", "-c", "feat"]);
    let before = sandbox.view();
    sandbox.write("../bin/git", "#!/bin/sh\necho 'fatal: not today' >&2\nexit 3\n");
    run(sandbox.command("chmod").args(["+x", "../bin/git"])).ok();
    let call = |arguments: &[&str]| {
        let mut command = sandbox.command(binary());
        run(command.args(arguments).env("PATH", sandbox.path("bin")))
    };
    for hook in ["post-checkout", "post-commit", "post-merge"] {
        let said = call(&["hook", hook]).ok().stderr;
        assert_eq!((said.lines().count(), said.contains("not today")), (1, true), "{said}");
    }
    let failed = call(&["list"]).code(1);
    assert!(failed.stderr.contains("hint: git for-each-ref"), "{}", failed.stderr);
    assert_eq!(sandbox.view(), before);
}
