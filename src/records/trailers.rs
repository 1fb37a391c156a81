//! Tools that make one pull request of each commit write its address into the commit's message: ghstack, stack-pr and spr.
//!
//! Deliberately absent: parents, which these tools do not have, and ejoffe's spr, whose `commit-id` names no number. Getting
//! the messages is the caller's: they are those of the branch's own commits.

use super::remotes::Remotes;
use super::{blank, nothing, pull_request};
use crate::names::BranchName;
use crate::repo::Repository;
use crate::stack::{PullRequest, Record, Records, Source};

/// What the line begins with: ghstack since 0.10 and before, stack-pr, spr.
const TOKENS: [&str; 5] = [
    "Pull-Request:",
    "Pull Request resolved:",
    "Pull-Request-resolved:",
    "stack-info: PR:",
    "Pull Request:",
];
/// What is between a repository's address and the number: GitHub and others, GitLab.
const NUMBERED: [&str; 2] = ["/pull/", "/-/merge_requests/"];

/// What the messages of a branch's own commits, newest first, tell of its pull request: the one of the newest commit that has
/// one is at the top of what the branch holds.
pub(crate) fn of_messages<'a>(
    repository: &Repository,
    branch: &BranchName,
    messages: impl IntoIterator<Item = &'a str>,
) -> Option<Records> {
    let known = messages
        .into_iter()
        .find_map(|message| of_message(repository, message))?;
    let mut records = nothing(Source::Trailer);
    records.branches.push(Record {
        pull_request: Some(known),
        ..blank(branch.clone())
    });
    Some(records)
}

/// The pull request that one message names in its last paragraph, or in the one above those of trailers that git put below it, if it is
/// of a repository that is a remote of this one: a commit may come from elsewhere.
fn of_message(repository: &Repository, message: &str) -> Option<PullRequest> {
    let mut only_trailers = true;
    let lines = message.trim_end().lines().rev();
    let mut last_paragraphs = lines.take_while(|line| {
        let is_blank = line.trim().is_empty();
        let goes_on = !is_blank || only_trailers;
        only_trailers &= is_blank || is_trailer(line);
        goes_on
    });
    last_paragraphs.find_map(|line| {
        let value = TOKENS.iter().find_map(|token| line.strip_prefix(token))?;
        let address = value.trim_start().split([' ', ',']).next()?;
        let (repository_address, number) = NUMBERED.iter().find_map(|part| address.split_once(part))?;
        let mut parts = repository_address.rsplit('/');
        let (name, owner) = (parts.next()?, parts.next()?);
        let ours = Remotes::of(repository).has(owner, name);
        pull_request(number.trim_end_matches('/').parse().ok().filter(|_| ours)?, None)
    })
}

/// Whether git would take a line for a trailer of its own (git-interpret-trailers(1)): a word without blanks, a colon, a value.
fn is_trailer(line: &str) -> bool {
    let is_token =
        |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    line.split_once(": ").is_some_and(|(token, _)| is_token(token))
}
