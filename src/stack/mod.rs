//! The stack: which branch stands on which, and what is known of each. Plain data and pure functions.
//!
//! Not here: reading what tools recorded (records/) and what git knows (repo/), and how a stack is drawn in a document.

pub(crate) mod drawing;
pub(crate) mod infer;
pub(crate) mod reflog;
pub(crate) mod resolve;
pub(crate) mod tree;

use crate::names::{BranchName, CommitId};

/// Who says that a branch has this parent or this pull request. The order is that of trust: an earlier one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Source {
    /// The branch's document.
    Document,
    /// Graphite 1.8 and later: `.graphite_metadata.db`.
    Graphite,
    /// git-spice: `refs/spice/data`.
    GitSpice,
    /// GitHub's gh stack: `gh-stack`.
    GhStack,
    /// git-town: `git-town-branch.<branch>.parent`.
    GitTown,
    /// git-machete: `machete`.
    GitMachete,
    /// Aviator: `av/av.db`.
    Aviator,
    /// Graphite 1.7 and earlier, stax, charcoal: `refs/branch-metadata/<branch>`.
    BranchMetadata,
    /// stackit: `refs/stackit/metadata/<branch>`.
    Stackit,
    /// GitButler: `gitbutler/virtual_branches.toml`.
    GitButler,
    /// git-stk: `branch.<branch>.stkParent`.
    GitStk,
    /// gh: `branch.<branch>.gh-merge-base`.
    GhMergeBase,
    /// A local upstream: `branch.<branch>.remote` is `.`.
    Upstream,
    /// GitLens: `branch.<branch>.gk-merge-target-user` and its relatives.
    GitLens,
    /// `branch.<branch>.github-pr-owner-number`, which tells of pull requests only.
    PullRequestKey,
    /// `branch.<branch>.merge` is `refs/pull/<number>/head`.
    PullRequestRef,
    /// A trailer of one of the branch's commits (ghstack, stack-pr, spr).
    Trailer,
    /// The reflogs' record of how the branch was made.
    Creation,
    /// Live tips and old tips on the way from the branch to the trunk.
    Graph,
    /// VS Code: `branch.<branch>.vscode-merge-base`, nearly always the trunk.
    VsCode,
    /// Nothing else is known.
    Trunk,
}

impl Source {
    /// Whether nobody recorded it for the purpose: it was found out from git.
    pub(crate) fn is_found_out(self) -> bool {
        matches!(self, Self::Creation | Self::Graph | Self::Trunk)
    }

    /// What it is called where it is told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Graphite => "graphite",
            Self::GitSpice => "git-spice",
            Self::GhStack => "gh-stack",
            Self::GitTown => "git-town",
            Self::GitMachete => "git-machete",
            Self::Aviator => "av",
            Self::BranchMetadata => "branch-metadata",
            Self::Stackit => "stackit",
            Self::GitButler => "gitbutler",
            Self::GitStk => "git-stk",
            Self::GhMergeBase => "gh-merge-base",
            Self::Upstream => "upstream",
            Self::GitLens => "gitlens",
            Self::PullRequestKey => "github-pr-owner-number",
            Self::PullRequestRef => "refs/pull",
            Self::Trailer => "trailer",
            Self::Creation => "creation",
            Self::Graph => "graph",
            Self::VsCode => "vscode",
            Self::Trunk => "trunk",
        }
    }
}

impl PullRequestState {
    /// What it is called where it is told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::ChangesRequested => "changes-requested",
            Self::Approved => "approved",
            Self::Merged => "merged",
            Self::Closed => "closed",
        }
    }
}

/// A pull request, as far as a tool recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PullRequest {
    /// Its number.
    pub(crate) number: u64,
    /// How it stood when the tool last looked; `None` where it records none.
    pub(crate) state: Option<PullRequestState>,
}

/// How a pull request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PullRequestState {
    /// Not ready for review.
    Draft,
    /// Waiting for review.
    Open,
    /// Reviewed, and changes are asked for.
    ChangesRequested,
    /// Reviewed and approved.
    Approved,
    /// Merged.
    Merged,
    /// Closed without being merged.
    Closed,
}

/// What one source recorded about one branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The branch, by the name that it had when it was recorded.
    pub(crate) branch: BranchName,
    /// Its parent, by the same; `None` where the source tells only of the pull request.
    pub(crate) parent: Option<BranchName>,
    /// The parent's commit that the branch was last put on.
    pub(crate) parent_tip: Option<CommitId>,
    /// Its pull request.
    pub(crate) pull_request: Option<PullRequest>,
    /// Whether the source says that the branch was merged.
    pub(crate) merged: bool,
    /// Pull requests that were merged below it and have no branch any more, bottom first.
    pub(crate) merged_below: Vec<PullRequest>,
}

/// All that one source recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Records {
    /// Which.
    pub(crate) source: Source,
    /// The branches that stacks stand on, where it names them.
    pub(crate) trunks: Vec<BranchName>,
    /// What it says of each branch.
    pub(crate) branches: Vec<Record>,
    /// What could not be read, each in one sentence.
    pub(crate) unreadable: Vec<String>,
}
