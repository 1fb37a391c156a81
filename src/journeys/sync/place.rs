//! Where a branch goes, and under which name its document is on the remote: one answer for a sync, a push and a hook.
//!
//! Not here: what git's configuration says of remotes (repo/branches.rs), and a push that git tells a hook of, beyond its name.

use crate::check::quoted;
use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::edit::branch_option;
use crate::names::{BranchName, visible};
use crate::repo::Repository;
use crate::transport;

/// A branch and its name on the remote.
pub(super) struct Target {
    pub(super) branch: BranchName,
    pub(super) name: BranchName,
}

/// The remote that was asked for, else the one that the branch is pushed to; never another. `verb` is the command that asks.
pub(super) fn remote_of(session: &Session<'_>, branch: &BranchName, asked: Option<&str>, verb: &str) -> Result<String> {
    let remote = asked.map_or_else(|| session.repository.push_remote(branch), str::to_owned);
    if session.repository.has_remote(&remote) {
        return Ok(remote);
    }
    if asked.is_some() {
        return Err(transport::no_remote(&remote));
    }
    let option = branch_option(session.repository.current_branch()?.as_ref(), branch);
    let to = if verb == "push" { "to push to" } else { "to sync with" };
    Err(Error::new(format!("'{branch}' has no remote {to}"))
        .why(format!("there is no remote '{}' here", visible(&remote)))
        .hint(format!("name one: git branchwork {verb} <remote>{option}")))
}

/// The name that the document has on the remote: that of the branch it is pushed to by the configuration, else of the branch that it
/// follows. Neither where that is another one's: the trunk, which a branch that was begun from it follows, or a branch that is here
/// too. What is pushed for review has its own.
pub(super) fn target(session: &Session<'_>, branch: &BranchName, remote: &str) -> Target {
    let repository = &session.repository;
    let pushed = || BranchName::from_ref(&destination(repository, branch, remote).ok()?.0);
    let is_its_own = |name: &BranchName| name == branch || repository.tip(name).is_none() && !session.is_excluded(name);
    let name = pushed().or_else(|| repository.followed_on(remote, branch));
    Target {
        branch: branch.clone(),
        name: name.filter(is_its_own).unwrap_or_else(|| branch.clone()),
    }
}

/// The same, where git tells the name that a branch is pushed to, which need not be the configured one.
pub(super) fn place(session: &Session<'_>, branch: &BranchName, remote: &str, to: Option<BranchName>) -> Target {
    match to.filter(|name| !session.is_excluded(name)) {
        Some(name) => Target {
            branch: branch.clone(),
            name,
        },
        None => target(session, branch, remote),
    }
}

/// The full name that `branch` is pushed to, and whether it follows that from now on: as `git push` of the branch that is checked
/// out decides (git-config(1), `push.default`), but that a branch which follows none yet is not refused.
pub(super) fn destination(repository: &Repository, branch: &BranchName, remote: &str) -> Result<(String, bool)> {
    let own = branch.to_ref();
    let of_branch = |key: &str| repository.config(&format!("branch.{}.{key}", branch.as_str()));
    let refspecs = repository.config_values(&format!("remote.{remote}.push"));
    if let Some(to) = refspecs.iter().find_map(|refspec| mapped(refspec, &own)) {
        return Ok((to, false));
    }
    let upstream = of_branch("merge");
    let follows_it = of_branch("remote").map_or(remote == "origin", |followed| followed == remote);
    let always = repository.config_values("push.autoSetupRemote");
    let always = always.last().is_some_and(|value| is_true(value));
    let push = |to: &str| format!("git push {} {}:{}", quoted(remote), quoted(branch.as_str()), quoted(to));
    let default = repository.config("push.default");
    let default = default.as_deref().unwrap_or("simple");
    match default {
        "nothing" => {
            return Err(Error::new(format!("'{branch}' is pushed nowhere"))
                .why("push.default is 'nothing'")
                .hint(push(branch.as_str())));
        }
        "current" | "matching" => return Ok((own, always && upstream.is_none())),
        "upstream" | "tracking" if !follows_it => {
            return Err(
                Error::new(format!("'{branch}' does not follow a branch of '{}'", visible(remote)))
                    .why("push.default is 'upstream'")
                    .hint(push(branch.as_str())),
            );
        }
        "upstream" | "tracking" => {
            return Ok(upstream.map_or_else(|| (own, true), |upstream| (upstream, false)));
        }
        _ => {}
    }
    match upstream {
        Some(upstream) if follows_it && upstream != own => {
            let name = upstream.strip_prefix("refs/heads/").unwrap_or(&upstream);
            Err(Error::new(format!(
                "'{branch}' follows '{}', which has another name",
                visible(name)
            ))
            .why("push.default is 'simple'")
            .hint(format!(
                "git push -u {} {}, or {}",
                quoted(remote),
                quoted(branch.as_str()),
                push(name)
            )))
        }
        Some(_) => Ok((own, false)),
        None => Ok((own, follows_it || always)),
    }
}

/// Whether git takes the value of a setting for yes (git-config(1), boolean). One without a value is read as an empty one.
fn is_true(value: &str) -> bool {
    let words = ["true", "yes", "on", ""];
    words.iter().any(|word| word.eq_ignore_ascii_case(value)) || value.parse::<i64>().is_ok_and(|number| number != 0)
}

/// Where a setting `remote.<name>.push` sends a branch, if it is about it.
fn mapped(refspec: &str, own: &str) -> Option<String> {
    let full = |name: &str| match name.starts_with("refs/") {
        true => name.to_owned(),
        false => format!("refs/heads/{name}"),
    };
    let refspec = refspec.trim_start_matches('+');
    if refspec.is_empty() || refspec.starts_with(['^', ':']) {
        return None;
    }
    let (from, to) = refspec.split_once(':').unwrap_or((refspec, refspec));
    let (from, to) = (full(from), full(to));
    match (from.split_once('*'), to.split_once('*')) {
        (None, None) => (from == own).then_some(to),
        (Some((start, end)), Some((to_start, to_end))) => {
            let middle = own.strip_prefix(start)?.strip_suffix(end)?;
            Some(format!("{to_start}{middle}{to_end}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_map_branches() {
        let own = "refs/heads/feat/a";
        for (refspec, to) in [
            ("+refs/heads/*:refs/heads/ada/*", Some("refs/heads/ada/feat/a")),
            ("refs/heads/feat/a:refs/for/main", Some("refs/for/main")),
            ("feat/a", Some("refs/heads/feat/a")),
            ("feat/a:b", Some("refs/heads/b")),
            ("refs/heads/feat/*:refs/heads/x", None),
            ("refs/heads/b:refs/heads/c", None),
            (":", None),
            ("^refs/heads/*", None),
            ("", None),
        ] {
            assert_eq!(mapped(refspec, own).as_deref(), to, "{refspec}");
        }
    }
}
