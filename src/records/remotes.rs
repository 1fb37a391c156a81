//! The remotes of the repository, to tell what names and addresses that other tools recorded mean here.
//!
//! Read from the configuration once for many such names.

use crate::names::BranchName;
use crate::repo::Repository;

/// Each remote's name and address.
pub(super) struct Remotes(Vec<(String, String)>);

impl Remotes {
    pub(super) fn of(repository: &Repository) -> Self {
        let mut remotes = Vec::new();
        repository.each_section("remote", &mut |name, section| {
            let urls = section.values("url").into_iter();
            remotes.extend(urls.map(|url| (name.to_owned(), url.to_lowercase())));
        });
        Self(remotes)
    }

    /// The branch that people and tools mean by `name`: a full name, a branch here, or one of a remote such as `origin/feat`.
    pub(super) fn branch_meant(&self, repository: &Repository, name: &str) -> Option<BranchName> {
        let on_remote = |name: &str| {
            let rest = |remote: &str| name.strip_prefix(remote)?.strip_prefix('/').and_then(BranchName::new);
            self.0.iter().find_map(|(remote, _)| rest(remote))
        };
        if let Some(rest) = name.strip_prefix("refs/remotes/") {
            return on_remote(rest);
        }
        let branch = BranchName::from_ref(name).or_else(|| BranchName::new(name))?;
        match on_remote(name) {
            Some(rest) if repository.tip(&branch).is_none() => Some(rest),
            _ => Some(branch),
        }
    }

    /// Whether one of them is the repository `owner`/`name` of a forge.
    pub(super) fn has(&self, owner: &str, name: &str) -> bool {
        let end = format!("{owner}/{name}").to_lowercase();
        self.0.iter().any(|(_, url)| {
            let url = url.trim_end_matches('/').trim_end_matches(".git");
            url.strip_suffix(&end).is_some_and(|host| host.ends_with(['/', ':']))
        })
    }
}
