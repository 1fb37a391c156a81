//! What reflogs tell of a branch: which commits were made on it, how it was made, what it was called before.
//!
//! The messages are git's (builtin/branch.c, builtin/checkout.c, builtin/commit.c, sequencer.c), in every locale the same. Not
//! here: reading a reflog (repo/), and what follows for a stack (infer.rs).

use std::collections::HashSet;

use crate::names::{BranchName, CommitId};

/// Up to so many seconds lie between a branch's first line and the line of HEAD that was written with it.
pub(crate) const TOGETHER: i64 = 2;

/// A line of a reflog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The commit before.
    pub(crate) old: CommitId,
    /// The commit after.
    pub(crate) new: CommitId,
    /// When, in seconds since 1970.
    pub(crate) time: i64,
    /// What git wrote about it.
    pub(crate) message: String,
}

/// The life of a branch, as its own reflog tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life {
    /// The commits that were made on it, or came to it from its own name on a remote.
    pub(crate) made: HashSet<CommitId>,
    /// The commits that it was at because a rebase rewrote it, or a tool without a word: its own if it had any before.
    pub(crate) rewritten: HashSet<CommitId>,
    /// How it was made.
    pub(crate) start: Option<Start>,
    /// Where it was put since, the last time that it was rebased, reset, or moved without a word.
    pub(crate) moved: Option<CommitId>,
    /// The commit that it was put on last, where that was a rebase that says so.
    pub(crate) put_on: Option<CommitId>,
    /// The names that it had before, newest first.
    pub(crate) former_names: Vec<BranchName>,
}

/// How a branch was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// What it was made from, as git wrote it: `HEAD`, `a`, `origin/a`, `a~2`, a commit.
    pub(crate) from: String,
    /// The commit that it began at.
    pub(crate) at: CommitId,
    /// When, in seconds since 1970.
    pub(crate) time: i64,
}

/// Where HEAD came from when a branch was made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    /// The name of the branch that HEAD was on, or was detached from.
    pub(crate) from: String,
    /// The commit at which HEAD left it.
    pub(crate) at: CommitId,
    /// What was committed on the detached HEAD in between: the first commits of the new branch.
    pub(crate) made: Vec<CommitId>,
}

impl Life {
    /// Reads the reflog of `branch`, newest line first.
    pub(crate) fn read(branch: &BranchName, lines: &[Line]) -> Self {
        let mut life = Self::default();
        for line in lines {
            if life.take_in(branch, line) {
                break;
            }
        }
        if let Some(start) = &life.start
            && !is_own_remote(&start.from, branch)
        {
            life.made.remove(&start.at);
        }
        life
    }

    /// Takes in one line; whether what is below it was another branch's life.
    fn take_in(&mut self, branch: &BranchName, line: &Line) -> bool {
        let message = line.message.trim_end();
        let mut begin = |from: &str| {
            let (from, at, time) = (from.to_owned(), line.new.clone(), line.time);
            self.start = Some(Start { from, at, time });
            true
        };
        if let Some(from) = message.strip_prefix("branch: Created from ") {
            let begun = begin(from);
            if is_own_remote(from, branch) {
                self.made.insert(line.new.clone());
            }
            return begun;
        }
        if let Some(rest) = message.strip_prefix("Branch: copied ") {
            // The lines below it are a copy too.
            return begin(rest.split(' ').next().unwrap_or_default());
        }
        if let Some((old, _)) = renaming(message) {
            self.former_names.push(old);
            return false;
        }
        let rewrites = rewrites(message);
        if moves(message) && self.moved.is_none() {
            let onto = message.rsplit_once(" onto ").filter(|_| rewrites);
            self.put_on = onto.and_then(|(_, onto)| CommitId::parse(onto));
            self.moved = Some(line.new.clone());
        }
        if is_made_here(message, branch, &line.new) {
            let made = if rewrites { &mut self.rewritten } else { &mut self.made };
            made.insert(line.new.clone());
        }
        false
    }
}

/// Whether the line tells of commits that were made anew from others.
fn rewrites(message: &str) -> bool {
    let is_rebase = ["rebase", "rewritten during "]
        .iter()
        .any(|start| message.starts_with(start));
    is_rebase || message.is_empty() || (message.starts_with("pull") && message.contains("rebase"))
}

/// Whether the line tells that the branch was put on another base.
pub(crate) fn moves(message: &str) -> bool {
    let puts = ["reset: moving to ", "branch: Reset to "]
        .iter()
        .any(|start| message.starts_with(start));
    rewrites(message) || (puts && message != "reset: moving to HEAD")
}

/// The old and the new name, where the line tells of `git branch -m`.
pub(crate) fn renaming(message: &str) -> Option<(BranchName, BranchName)> {
    let rest = message.trim_end().strip_prefix("Branch: renamed ")?;
    let (old, new) = rest.split_once(" to ")?;
    Some((BranchName::from_ref(old)?, BranchName::from_ref(new)?))
}

/// Whether `from` is the branch of the same name on a remote.
pub(crate) fn is_own_remote(from: &str, branch: &BranchName) -> bool {
    let name = from.strip_prefix("refs/remotes/").unwrap_or(from);
    let on_remote = name
        .split_once('/')
        .is_some_and(|(_, name)| name == branch.as_str() && from != branch.as_str());
    on_remote || ["@{u}", "@{upstream}"].contains(&name)
}

/// Whether the line tells of a commit that became the branch's by work on it, and not because the branch was put there.
fn is_made_here(message: &str, branch: &BranchName, new: &CommitId) -> bool {
    if let Some(place) = message.strip_prefix("reset: moving to ") {
        return is_own_remote(place, branch);
    }
    if let Some(merged) = message
        .strip_prefix("merge ")
        .and_then(|rest| rest.strip_suffix(": Fast-forward"))
    {
        return is_own_remote(merged, branch);
    }
    // A rebase that had nothing to put on its new base ends there.
    let only_put = message
        .strip_suffix(new.as_str())
        .is_some_and(|rest| rest.ends_with(" onto "));
    let named = ["branch: ", "Branch: "].iter().any(|start| message.starts_with(start));
    // As it was typed, options included.
    let fetched_here = message.starts_with("fetch ") && message.split(' ').any(|word| word == ".");
    !only_put && !named && !fetched_here
}

/// The lines of HEAD's reflog (newest first) that were written by `git branch` and its relatives, for a branch that was made
/// from HEAD or from a commit of a detached HEAD. `names`: the branch's names. `is_branch`: whether a name is a branch's.
pub(crate) fn departure(
    head: &[Line],
    names: &[BranchName],
    start: &Start,
    is_branch: &dyn Fn(&str) -> bool,
) -> Option<Departure> {
    // The oldest: later ones only came back.
    let (at, from) = head
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, line)| Some((at, leaves(line, names, start)?)))?;
    if !is_id(from) {
        let (from, at) = (from.to_owned(), start.at.clone());
        return Some(Departure {
            from,
            at,
            made: Vec::new(),
        });
    }
    let mut made = Vec::new();
    for line in &head[at + 1..] {
        let message = line.message.as_str();
        match moving(message) {
            None if ["commit", "cherry-pick", "am: ", "revert"]
                .iter()
                .any(|start| message.starts_with(start)) =>
            {
                // An amend takes the place of the commit before it, which is nobody's then.
                made.push(line.new.clone());
            }
            None if renaming(message).is_some() => {}
            None => return None,
            Some((from, to)) => {
                let from = match is_id(to) || ["HEAD", "@"].contains(&to) {
                    false if is_branch(to) => to,
                    true if line.old == line.new && !is_id(from) => from,
                    _ => return None,
                };
                let (from, at) = (from.to_owned(), line.new.clone());
                return Some(Departure { from, at, made });
            }
        }
    }
    None
}

/// The branch that HEAD (its reflog newest first) was on at the commit that a branch began at, when it began: `git worktree add
/// -b` and `git branch <name> HEAD` leave HEAD where it is.
pub(crate) fn standing<'a>(head: &'a [Line], start: &Start) -> Option<&'a str> {
    let until_then = head.iter().skip_while(|line| line.time > start.time);
    let mut until_then = until_then.peekable();
    until_then.peek().filter(|line| line.new == start.at)?;
    until_then.find_map(|line| Some(moving(&line.message)?.1))
}

/// What HEAD was on before, where the line tells that it came to the new branch from where that was made: in the same moment, or
/// from the detached commit that was named.
fn leaves<'a>(line: &'a Line, names: &[BranchName], start: &Start) -> Option<&'a str> {
    let (from, to) = moving(&line.message)?;
    let told = match start.from.as_str() {
        "HEAD" => (line.time - start.time).abs() <= TOGETHER,
        _ => from == start.at.as_str() && start.at.as_str().starts_with(&start.from),
    };
    let here = line.new == start.at && names.iter().any(|name| name.as_str() == to);
    (told && here).then_some(from)
}

/// From where to where HEAD moved. A branch's name has no blank in it; what it moved to is as somebody typed it.
fn moving(message: &str) -> Option<(&str, &str)> {
    message
        .trim_end()
        .strip_prefix("checkout: moving from ")?
        .split_once(" to ")
}

/// Whether HEAD was on a branch before this line, and the line tells on which.
pub(crate) fn leaves_branch(line: &Line) -> bool {
    moving(&line.message).is_some_and(|(from, _)| !is_id(from))
}

/// The branches that HEAD was on before and after this line of its reflog; a name may also be that of something else.
pub(crate) fn visited(line: &Line) -> impl Iterator<Item = BranchName> {
    let names = moving(&line.message).map(|(from, to)| [from, to]);
    names
        .into_iter()
        .flatten()
        .filter(|name| !is_id(name))
        .filter_map(BranchName::new)
}

/// Whether this is a whole object id.
fn is_id(text: &str) -> bool {
    CommitId::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> BranchName {
        BranchName::new(name).unwrap()
    }

    /// A commit that is called by one digit.
    fn commit(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    /// A reflog, oldest line first as git writes it: the new commit and the message; a minute between two.
    fn log(lines: &[(char, &str)]) -> Vec<Line> {
        let mut old = commit('0');
        let mut log = Vec::new();
        for (at, (new, message)) in lines.iter().enumerate() {
            let line = Line {
                old: std::mem::replace(&mut old, commit(*new)),
                new: commit(*new),
                time: at as i64 * 60,
                message: message.replace("<new>", commit(*new).as_str()),
            };
            log.insert(0, line);
        }
        log
    }

    fn digits(commits: &HashSet<CommitId>) -> String {
        let mut digits: Vec<char> = commits.iter().filter_map(|id| id.as_str().chars().next()).collect();
        digits.sort_unstable();
        digits.into_iter().collect()
    }

    #[test]
    fn where_a_branch_was_put_last() {
        let onto = |digit: &str| format!("rebase (finish): refs/heads/b onto {}", digit.repeat(40));
        let (five, six) = (onto("5"), onto("6"));
        for (messages, expected) in [
            (&["commit: x"][..], None),
            (&["commit: x", &five, "commit (amend): x"], Some("5")),
            (&[&five, &six], Some("6")),
            // What came later does not say where it was put.
            (&[&five, ""], None),
            (&[&five, "rewritten during rebase"], None),
            (&[&five, "reset: moving to b onto 5"], None),
            (&["rebase (finish): returning to refs/heads/b"], None),
        ] {
            let lines: Vec<_> = messages.iter().map(|message| ('2', *message)).collect();
            let life = Life::read(&name("b"), &log(&lines));
            let expected = expected.and_then(|digit| CommitId::parse(&digit.repeat(40)));
            assert_eq!(life.put_on, expected, "{messages:?}");
        }
    }

    #[test]
    fn what_was_made_on_a_branch() {
        let from_a = ('1', "branch: Created from a");
        for (lines, made, rewritten, moved) in [
            (&[from_a][..], "", "", false),
            (
                &[from_a, ('2', "commit: x"), ('3', "commit (amend): x")],
                "23",
                "",
                false,
            ),
            (
                &[from_a, ('2', "commit: x"), ('1', "reset: moving to HEAD~1")],
                "2",
                "",
                true,
            ),
            (&[from_a, ('1', "reset: moving to HEAD")], "", "", false),
            // Where it only was: another branch's commit, a base with nothing to put on it.
            (
                &[from_a, ('2', "merge a: Fast-forward"), ('3', "reset: moving to a")],
                "",
                "",
                true,
            ),
            (
                &[from_a, ('2', "rebase (finish): refs/heads/b onto <new>")],
                "",
                "",
                true,
            ),
            (&[from_a, ('2', "fetch . a:b: fast-forward")], "", "", false),
            (&[from_a, ('2', "fetch -q . a:b: fast-forward")], "", "", false),
            // What came from its own name on a remote is its own.
            (
                &[
                    from_a,
                    ('2', "merge origin/b: Fast-forward"),
                    ('3', "reset: moving to origin/b"),
                ],
                "23",
                "",
                true,
            ),
            (
                &[('1', "branch: Created from origin/b"), ('2', "pull: Fast-forward")],
                "12",
                "",
                false,
            ),
            (&[('1', "branch: Created from refs/remotes/origin/b")], "1", "", false),
            (&[('1', "clone: from /there")], "1", "", false),
            // Rewriting keeps what is there.
            (
                &[from_a, ('2', "commit: x"), ('3', "rewritten during rebase"), ('4', "")],
                "2",
                "34",
                true,
            ),
            (
                &[from_a, ('2', "pull --rebase (finish): refs/heads/b onto 1")],
                "",
                "2",
                true,
            ),
            // The life of what it is a copy of is below.
            (
                &[
                    from_a,
                    ('2', "commit: x"),
                    ('2', "Branch: copied refs/heads/a to refs/heads/b"),
                    ('3', "commit: y"),
                ],
                "3",
                "",
                false,
            ),
        ] {
            let life = Life::read(&name("b"), &log(lines));
            let told = (digits(&life.made), digits(&life.rewritten), life.moved.is_some());
            assert_eq!(told, (made.to_owned(), rewritten.to_owned(), moved), "{lines:?}");
            assert!(life.start.is_some() || lines[0].1.starts_with("clone"), "{lines:?}");
        }
    }

    #[test]
    fn names_that_a_branch_had() {
        let life = Life::read(
            &name("c"),
            &log(&[
                ('1', "branch: Created from HEAD"),
                ('1', "Branch: renamed refs/heads/a to refs/heads/b"),
                ('2', "commit: x"),
                ('2', "Branch: renamed refs/heads/b to refs/heads/c"),
            ]),
        );
        assert_eq!(life.former_names, [name("b"), name("a")]);
        assert_eq!(life.start.map(|start| start.from).as_deref(), Some("HEAD"));
    }

    #[test]
    fn where_head_came_from() {
        let of_1 = commit('1').to_string();
        let (to_1, from_2) = (
            format!("checkout: moving from a to {of_1}"),
            format!("checkout: moving from {} to b", commit('2')),
        );
        let from_1 = format!("checkout: moving from {of_1} to b");
        let (a, one) = ("checkout: moving from main to a", ('1', "checkout: moving from a to b"));
        for (lines, from, expected) in [
            (&[('1', a), one][..], "HEAD", Some(("a", '1', ""))),
            // Later ones only came back.
            (
                &[
                    one,
                    ('3', "checkout: moving from b to c"),
                    ('1', "checkout: moving from c to b"),
                ],
                "HEAD",
                Some(("a", '1', "")),
            ),
            (&[('1', a), ('1', &from_1)], "HEAD", Some(("a", '1', ""))),
            (
                &[('1', "checkout: moving from main to v1.0"), ('1', &from_1)],
                "HEAD",
                None,
            ),
            (
                &[('1', a), ('1', &to_1), ('2', "commit: x"), ('2', &from_2)],
                "HEAD",
                Some(("a", '1', "2")),
            ),
            (
                &[('1', a), ('1', &to_1), ('2', "commit: x"), ('2', &from_2)],
                "2222222",
                Some(("a", '1', "2")),
            ),
            // HEAD was detached at another commit than that of the branch it left.
            (
                &[('3', a), ('1', &to_1), ('2', "commit: x"), ('2', &from_2)],
                "HEAD",
                None,
            ),
            (
                &[('1', a), ('1', &to_1), ('2', "reset: moving to 2"), ('2', &from_2)],
                "HEAD",
                None,
            ),
            (&[('3', one.1)], "HEAD", None),
            // Another branch began at that commit, and this one at its name, which is gone.
            (
                &[('1', a), ('1', &to_1), ('2', "commit: x"), ('2', &from_2)],
                "gone",
                None,
            ),
        ] {
            let lines = log(lines);
            let (at, time) = match lines[0].message == from_2 {
                true => (commit('2'), lines[0].time),
                false => (
                    commit('1'),
                    lines
                        .iter()
                        .rev()
                        .find(|line| line.message.ends_with(" to b"))
                        .unwrap()
                        .time,
                ),
            };
            let start = Start {
                from: from.to_owned(),
                at,
                time,
            };
            let is_branch = |name: &str| ["a", "b", "c", "main"].contains(&name);
            let found = departure(&lines, &[name("b")], &start, &is_branch);
            let told = found.map(|found| (found.from, found.at, digits(&found.made.into_iter().collect())));
            let expected = expected.map(|(from, at, made)| (from.to_owned(), commit(at), made.to_owned()));
            assert_eq!(told, expected, "{lines:?}");
        }
    }

    #[test]
    fn where_head_stood() {
        let head = log(&[
            ('1', "checkout: moving from main to a"),
            ('2', "commit: x"),
            ('3', "checkout: moving from a to c"),
        ]);
        let at = |digit, time| Start {
            from: "HEAD".to_owned(),
            at: commit(digit),
            time,
        };
        assert_eq!(standing(&head, &at('2', 100)), Some("a"));
        assert_eq!(standing(&head, &at('1', 100)), None, "HEAD was elsewhere");
        assert_eq!(standing(&head, &at('3', 500)), Some("c"));
        assert_eq!(standing(&head[2..], &at('1', -1)), None, "that is not known any more");
    }
}
