//! The journeys: what a hook or a command does, from facts to saved document. A request in, an outcome out.
//!
//! Deliberately absent: clap, printing, exit codes; and reading git or files other than through the doors.

pub(crate) mod archive;
pub(crate) mod archived;
pub(crate) mod create;
pub(crate) mod diagnose;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod facts;
pub(crate) mod list;
pub(crate) mod mend;
pub(crate) mod merge_files;
pub(crate) mod open;
pub(crate) mod pull_request;
pub(crate) mod purge;
pub(crate) mod reconcile;
pub(crate) mod record;
pub(crate) mod redact;
pub(crate) mod refresh;
pub(crate) mod search;
pub(crate) mod settle;
pub(crate) mod stack;
mod suggest;
pub(crate) mod sync;
pub(crate) mod verify;
pub(crate) mod waive;
pub(crate) mod why;

use std::cell::OnceCell;

use crate::actor::Actor;
use crate::document::EditError;
use crate::document::updates::UpdateLimits;
use crate::error::{Error, Result};
use crate::names::{BranchName, CommitId, DocId};
use crate::policy::Policy;
use crate::policy_file;
use crate::records::is_git_butlers;
use crate::repo::Repository;
use crate::store::{Author, Store};
use crate::world::World;

/// What every journey needs: the world, the user's repository, and the rules that hold here.
pub(crate) struct Session<'w> {
    /// The surroundings of the run.
    pub(crate) world: &'w World,
    /// The user's repository.
    pub(crate) repository: Repository,
    /// The work tree's policy.
    pub(crate) policy: Policy,
    store: OnceCell<Store>,
    actor: OnceCell<Actor>,
    trunk: OnceCell<Option<BranchName>>,
    trunk_tips: OnceCell<Vec<CommitId>>,
    /// What the files look like in which tools record stacks.
    recorded: OnceCell<stack::Looks>,
}

/// Something that the user should hear about in one line, whatever else the journey did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Text that was in the view's place was saved under this ref of the store.
    Rescued {
        /// The ref.
        reference: String,
    },
    /// What stands in the view's place is not ours to replace; says what it is.
    ViewLeftAlone(&'static str),
    /// HEAD tracks the view's path.
    ViewTracked,
    /// The store could not be written, so the view alone has the change; the reason.
    StoreReadOnly(String),
    /// The document was made from the built-in template, for the team's or the user's cannot be used; the reason.
    TemplateNotUsed(String),
    /// The document could not be compared with the branch's commits; the reason.
    NotReconciled(String),
    /// An older text was put into the view, as an editor does that kept it: the newest takes its place.
    ViewSetBack,
    /// The view could not be written; the document itself is saved. The reason.
    ViewNotWritten(String),
    /// The name was used before: the document of that branch, which is gone, is kept under this ref of the store.
    Ended {
        /// The name.
        branch: BranchName,
        /// The ref.
        reference: String,
    },
    /// The branch has adopted another document, and the one that it had is kept.
    Replaced {
        /// The branch.
        branch: BranchName,
        /// The id of the one that it had.
        id: DocId,
    },
    /// The branch was made anew under a name that had a document, and goes on with it.
    GoesOn(BranchName),
    /// A branch took this document over from the one that it was renamed from.
    Renamed {
        /// The old name.
        from: BranchName,
        /// The new name.
        to: BranchName,
    },
    /// A remote has something among its documents that cannot be used, and that nothing depends on; what, and why.
    PassedOver(Error),
    /// What a tool recorded of stacks could not be read; which file or ref, and why.
    NotRead(String),
    /// A remote did not delete a document that another of the branch took in.
    Kept {
        /// The remote.
        remote: String,
        /// The branch.
        branch: BranchName,
        /// Why not.
        reason: String,
    },
}

impl Notice {
    /// Whether it tells that the view does not show the document.
    pub(crate) fn is_of_missing_view(&self) -> bool {
        matches!(
            self,
            Self::ViewLeftAlone(_) | Self::ViewTracked | Self::ViewNotWritten(_)
        )
    }

    /// Adds those that are not there yet: nothing is told twice.
    pub(crate) fn add(all: &mut Vec<Self>, more: Vec<Self>) {
        for notice in more {
            if !all.contains(&notice) {
                all.push(notice);
            }
        }
    }
}

impl<'w> Session<'w> {
    /// Opens the repository that `world` is in.
    pub(crate) fn open(world: &'w World) -> Result<Self> {
        let repository = Repository::discover(world)?;
        let policy = policy_file::of_work_tree(&repository).policy;
        Ok(Self {
            world,
            repository,
            policy,
            store: OnceCell::new(),
            actor: OnceCell::new(),
            trunk: OnceCell::new(),
            trunk_tips: OnceCell::new(),
            recorded: OnceCell::new(),
        })
    }

    /// The store, where there is one. Opened once.
    pub(crate) fn store(&self) -> Result<Option<&Store>> {
        if self.store.get().is_none()
            && let Some(store) = Store::open(self.repository.common_dir())?
        {
            let _ = self.store.set(store);
        }
        Ok(self.store.get())
    }

    /// The store, made now where there is none.
    pub(crate) fn store_or_create(&self) -> Result<&Store> {
        if let Some(store) = self.store()? {
            return Ok(store);
        }
        let store = Store::open_or_create(self.repository.common_dir(), self.repository.object_format())?;
        Ok(self.store.get_or_init(|| store))
    }

    /// Who acts: the one that entries and `dri` name. Found out once.
    pub(crate) fn actor(&self) -> Actor {
        let find = || {
            let (name, email) = self.repository.committer();
            let resolved = Actor::resolve(
                &|name| self.world.variable(name).map(str::to_owned),
                self.repository.config("branchwork.actor").as_deref(),
                email.as_deref(),
            );
            resolved.unwrap_or_else(|| Actor::of_commit("", &name.unwrap_or_default(), ""))
        };
        self.actor.get_or_init(find).clone()
    }

    /// Who a version of the store is by.
    pub(crate) fn author(&self) -> Author {
        let (name, email) = self.repository.committer();
        Author {
            name: name.unwrap_or_else(|| self.actor().to_string()),
            email: email.unwrap_or_default(),
            time: self.world.now,
        }
    }

    /// How much an entry of Updates says.
    pub(crate) fn limits(&self) -> UpdateLimits {
        UpdateLimits {
            max_files: self.policy.max_files,
        }
    }

    /// The branch that others are merged into, where it is known. Looked for once.
    pub(crate) fn trunk(&self) -> Option<BranchName> {
        let find = || self.repository.trunk(self.policy.trunk.as_deref());
        self.trunk.get_or_init(find).clone()
    }

    /// Where that is, here and on remotes; nowhere for the trunk itself. Looked for once.
    pub(crate) fn trunk_tips_for(&self, branch: &BranchName) -> &[CommitId] {
        let trunk = self.trunk().filter(|trunk| trunk != branch);
        let find = |trunk: &BranchName| self.repository.tips(trunk);
        trunk.map_or(&[], |trunk| self.trunk_tips.get_or_init(|| find(&trunk)))
    }

    /// Whether `branch` gets no document: the trunk, what the policy excludes, and what a tool made for itself.
    pub(crate) fn is_excluded(&self, branch: &BranchName) -> bool {
        self.policy.excludes(branch.as_str())
            || self.repository.is_trunk(branch, self.policy.trunk.as_deref())
            || is_git_butlers(&self.repository, branch)
    }

    /// The document that was archived as that of `branch` where it is now: it gets no new one.
    pub(crate) fn archived(&self, branch: &BranchName) -> Result<Option<DocId>> {
        let tip = self.repository.tip(branch);
        Ok(self
            .store()?
            .zip(tip)
            .and_then(|(store, tip)| store.archived_at(branch, &tip)))
    }

    /// A new id, from the time and from the random keys that the standard library takes from the system.
    pub(crate) fn new_id(&self) -> DocId {
        use std::hash::{BuildHasher, RandomState};
        let half = || u128::from(RandomState::new().hash_one(self.world.now.timestamp_nanos_opt()));
        let milliseconds = u64::try_from(self.world.now.timestamp_millis()).unwrap_or(0);
        DocId::new(milliseconds, (half() << 64) | half())
    }

    /// The branch that a command is about: the one given, else the current one.
    pub(crate) fn branch(&self, given: Option<&str>) -> Result<BranchName> {
        if let Some(name) = given {
            let name = name.strip_prefix("refs/heads/").unwrap_or(name);
            return BranchName::new(name).ok_or_else(|| {
                Error::usage(format!("'{}' is not a branch name", crate::names::visible(name)))
                    .hint("git branch --list")
            });
        }
        self.repository.current_branch()?.ok_or_else(|| {
            Error::new("HEAD is not on a branch")
                .hint("name one with --branch <name>, or switch to one: git switch <name>")
        })
    }
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        let hint = error.hint();
        let error = Self::new(error.to_string());
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
