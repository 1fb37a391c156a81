//! Branches: tips, the trunk, where one was made from, and where one is checked out.
//!
//! Opens no object: refs, reflogs and configuration only.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gix::bstr::{BString, ByteSlice};

use super::{Repository, commit_id};
use crate::names::{BranchName, CommitId};
use crate::stack::reflog::{self, TOGETHER};

/// Branches that are taken for the trunk where nothing names it, in this order.
const USUAL_TRUNKS: [&str; 4] = ["main", "master", "trunk", "develop"];

/// How many lines of a reflog are read.
pub(crate) const MOST_MOVEMENTS: usize = 200;

/// A place where a branch is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The top of the work tree.
    pub(crate) work_tree: PathBuf,
    /// Its own git directory.
    pub(crate) git_dir: PathBuf,
}

/// How a branch came to be, as far as its reflog and HEAD's tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    /// From the tip of this branch, which may be on a remote only.
    From(BranchName),
    /// From a tag, an id or the like, perhaps of a commit below this branch, which it names or HEAD was on. The commits tell.
    Below(BranchName),
    /// By `git branch -c` from this branch, with its commits and its reflog.
    CopyOf(BranchName),
    /// From the remote branch of the same name (somebody else's, or the user's own elsewhere), and nothing was committed
    /// on it here since.
    FromRemoteOfSameName,
    /// Not known.
    Unknown,
}

/// How a branch got the name of another.
enum Naming {
    RenamedFrom(BranchName),
    CopyOf(BranchName),
}

/// Since when a branch has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// When.
    pub(crate) time: DateTime<Utc>,
    /// The name that it had before, where it was renamed then.
    pub(crate) renamed_from: Option<BranchName>,
}

impl Repository {
    /// The commit that a local branch points at.
    pub(crate) fn tip(&self, branch: &BranchName) -> Option<CommitId> {
        self.ref_target(&branch.to_ref())
    }

    /// The commit of the branch of this name on the remote that is called `origin` or is the only one.
    fn remote_tip(&self, branch: &BranchName) -> Option<CommitId> {
        self.tip_on(&self.remote()?, branch)
    }

    /// The commit of a branch of a remote, as it was last fetched.
    pub(crate) fn tip_on(&self, remote: &str, branch: &BranchName) -> Option<CommitId> {
        self.ref_target(&format!("refs/remotes/{remote}/{}", branch.as_str()))
    }

    /// Whether anything of a remote was fetched or pushed yet.
    pub(crate) fn has_seen(&self, remote: &str) -> bool {
        self.references_in(&format!("refs/remotes/{remote}/"))
            .is_ok_and(|found| !found.is_empty())
    }

    fn ref_target(&self, full: &str) -> Option<CommitId> {
        let target = self.find_reference(full)?;
        target.try_id().and_then(|id| commit_id(id).ok())
    }

    /// Whether a remote is called so.
    pub(crate) fn has_remote(&self, name: &str) -> bool {
        self.inner.remote_names().contains(name.as_bytes().as_bstr())
    }

    /// The names of all remotes.
    pub(crate) fn remotes(&self) -> Vec<String> {
        let names = self.inner.remote_names();
        names
            .iter()
            .filter_map(|name| Some(name.to_str().ok()?.to_owned()))
            .collect()
    }

    /// The remote that is called `origin`, or is the only one.
    pub(super) fn remote(&self) -> Option<String> {
        let names = self.inner.remote_names();
        let one = if names.contains("origin".as_bytes().as_bstr()) {
            "origin".to_owned()
        } else if names.len() == 1 {
            names.first()?.to_str().ok()?.to_owned()
        } else {
            return None;
        };
        Some(one)
    }

    /// The remote that `branch` is pushed to, as far as the configuration says: its own, that of all branches, or the one that
    /// it follows; else `origin`.
    pub(crate) fn push_remote(&self, branch: &BranchName) -> String {
        let of_branch = |key: &str| self.config(&format!("branch.{}.{key}", branch.as_str()));
        of_branch("pushRemote")
            .or_else(|| self.config("remote.pushDefault"))
            // A branch may follow another one of this repository.
            .or_else(|| of_branch("remote").filter(|remote| remote != "."))
            .unwrap_or_else(|| "origin".to_owned())
    }

    /// The branch of `remote` that `branch` follows, where it has not been pushed there under its own name.
    pub(crate) fn followed_on(&self, remote: &str, branch: &BranchName) -> Option<BranchName> {
        let of_branch = |key: &str| self.config(&format!("branch.{}.{key}", branch.as_str()));
        if self.tip_on(remote, branch).is_some() || of_branch("remote").as_deref() != Some(remote) {
            return None;
        }
        BranchName::from_ref(&of_branch("merge")?)
    }

    /// The branch that others are merged into: the one that the policy names, else `branchwork.trunk`, the remote's HEAD,
    /// `init.defaultBranch`, or a usual name, whichever first exists here or on the remote, or is about to.
    pub(crate) fn trunk(&self, policy: Option<&str>) -> Option<BranchName> {
        if let Some(named) = self.named_trunk(policy) {
            return BranchName::new(&named);
        }
        let unborn = |branch: &BranchName| {
            self.current_branch()
                .is_ok_and(|current| current.as_ref() == Some(branch))
        };
        let exists =
            |branch: &BranchName| self.tip(branch).is_some() || self.remote_tip(branch).is_some() || unborn(branch);
        self.possible_trunks().find(exists)
    }

    /// Whether `branch` is the trunk. No branch is looked up where its name alone tells that it is not.
    pub(crate) fn is_trunk(&self, branch: &BranchName, policy: Option<&str>) -> bool {
        match self.named_trunk(policy) {
            Some(named) => named == branch.as_str(),
            None => {
                self.possible_trunks().any(|possible| possible == *branch) && self.trunk(None).as_ref() == Some(branch)
            }
        }
    }

    fn named_trunk(&self, policy: Option<&str>) -> Option<String> {
        policy.map(str::to_owned).or_else(|| self.config("branchwork.trunk"))
    }

    fn possible_trunks(&self) -> impl Iterator<Item = BranchName> {
        self.remote_head()
            .into_iter()
            .chain(self.config("init.defaultBranch").as_deref().and_then(BranchName::new))
            .chain(USUAL_TRUNKS.into_iter().filter_map(BranchName::new))
    }

    /// What the remote's HEAD names. A ref that names another one is never packed, so that its file is all there is.
    fn remote_head(&self) -> Option<BranchName> {
        // A remote's name has to be what can be part of a ref, as a branch's has.
        let remote = BranchName::new(&self.remote()?)?;
        let folder = format!("refs/remotes/{}/", remote.as_str());
        let target = self.symbolic_target(&format!("{folder}HEAD"))?;
        BranchName::new(target.to_str().ok()?.strip_prefix(&folder)?)
    }

    /// All local branches; those whose names cannot be a document's are left out.
    pub(crate) fn branches(&self) -> crate::error::Result<Vec<BranchName>> {
        let found = self.references_in("refs/heads/")?;
        let names = found.iter().filter_map(|(full, _)| full.to_str().ok());
        Ok(names.filter_map(BranchName::from_ref).collect())
    }

    /// The tips, local and on every remote, of a branch that others are measured against: a fork's trunk is behind that of
    /// the repository it was forked from.
    pub(crate) fn tips(&self, branch: &BranchName) -> Vec<CommitId> {
        self.tip(branch)
            .into_iter()
            .chain(self.tips_on_remotes(branch))
            .collect()
    }

    /// Those on the remotes alone, as they were last fetched or pushed.
    pub(crate) fn tips_on_remotes(&self, branch: &BranchName) -> Vec<CommitId> {
        let remotes = self.inner.remote_names();
        let names = remotes.iter().filter_map(|name| name.to_str().ok());
        names.filter_map(|name| self.tip_on(name, branch)).collect()
    }

    /// How `branch` came to be. `Created from HEAD` is where HEAD was before: HEAD's own reflog says on which branch.
    pub(crate) fn creation(&self, branch: &BranchName) -> Creation {
        self.recorded_creation(branch).unwrap_or_else(|| {
            // No other work tree has to do with it where HEAD went to it, be it from no branch.
            let from = match self.first_checkout(branch) {
                Some(from) => self.other_branch(branch, &from),
                None => self.beside(branch),
            };
            from.map_or(Creation::Unknown, Creation::From)
        })
    }

    /// Whether `branch` is the remote's branch of its name, and nothing was committed on it here. HEAD's reflog, which grows
    /// with each checkout, is not read for it.
    pub(crate) fn is_from_remote_of_same_name(&self, branch: &BranchName) -> bool {
        self.recorded_creation(branch) == Some(Creation::FromRemoteOfSameName)
    }

    /// The same, whatever was committed on it since.
    pub(crate) fn began_as_remote_of_same_name(&self, branch: &BranchName) -> bool {
        self.origin(branch).0 == Some(Creation::FromRemoteOfSameName)
    }

    /// How `branch` came to be, as its own reflog tells; `None` where that says: from HEAD.
    fn recorded_creation(&self, branch: &BranchName) -> Option<Creation> {
        match self.origin(branch) {
            (Some(Creation::FromRemoteOfSameName), true) => Some(Creation::Unknown),
            (creation, _) => creation,
        }
    }

    /// The same, and whether something was committed on it here.
    fn origin(&self, branch: &BranchName) -> (Option<Creation>, bool) {
        let (naming, _) = self.beginnings_in_log(&branch.to_ref());
        if let Some((_, Naming::CopyOf(original))) = naming.and_then(|naming| self.naming(branch, naming)) {
            return (Some(Creation::CopyOf(original)), false);
        }
        let (mut committed_on, mut cloned) = (false, false);
        let start = self.search_messages(branch, &mut |message| {
            committed_on |= message.starts_with("commit");
            // `git clone` checks out a branch of the remote.
            cloned |= message.starts_with("clone: from ");
            message.strip_prefix("branch: Created from ").map(str::to_owned)
        });
        if cloned {
            return (Some(Creation::FromRemoteOfSameName), committed_on);
        }
        (self.made_from(branch, start.as_deref()), committed_on)
    }

    /// What git calls the place where `branch` was made.
    fn made_from(&self, branch: &BranchName, start: Option<&str>) -> Option<Creation> {
        let Some(start) = start else {
            return Some(Creation::Unknown);
        };
        if start == "HEAD" {
            return None;
        }
        let local = start.strip_prefix("refs/heads/").unwrap_or(start);
        if let Some(base) = self.other_branch(branch, local) {
            return Some(Creation::From(base));
        }
        let remote = start.strip_prefix("refs/remotes/").unwrap_or(start);
        let name = remote.split_once('/').filter(|(remote, _)| self.has_remote(remote));
        Some(match name {
            Some((_, name)) if name == branch.as_str() => Creation::FromRemoteOfSameName,
            Some((_, name)) => BranchName::new(name).map_or(Creation::Unknown, Creation::From),
            None => {
                let named = local.split(['~', '^', '@']).next();
                let named = named.and_then(|name| self.other_branch(branch, name));
                let below = named.or_else(|| self.head_before(branch));
                below.map_or(Creation::Unknown, Creation::Below)
            }
        })
    }

    /// The branch that HEAD was on when `branch` was made.
    fn head_before(&self, branch: &BranchName) -> Option<BranchName> {
        self.other_branch(branch, &self.first_checkout(branch)?)
    }

    fn other_branch(&self, branch: &BranchName, name: &str) -> Option<BranchName> {
        BranchName::new(name).filter(|other| other != branch && self.tip(other).is_some())
    }

    /// What HEAD was moved from when `branch` was made of it. Lines from before are of another one that had its name, and later
    /// ones only came to it.
    fn first_checkout(&self, branch: &BranchName) -> Option<String> {
        let made = self.beginning(branch)?.time.timestamp();
        let mut first = None;
        self.search_log("HEAD", &mut |line| {
            if line.signature.time.seconds < made {
                return Some(());
            }
            let message = line.message.to_str_lossy();
            let moved = message.trim_end().strip_prefix("checkout: moving from ");
            match moved.and_then(|moved| moved.rsplit_once(" to ")) {
                Some((from, to)) if to == branch.as_str() && line.signature.time.seconds <= made + TOGETHER => {
                    first = Some(from.to_owned());
                }
                _ => {}
            }
            None
        });
        first
    }

    /// The branch of another work tree that is where `branch` began: `worktree add -b` moves no HEAD, and the HEAD that it
    /// begins at is that of the work tree it was called in. `None` where several are there, or one that is on no branch.
    fn beside(&self, branch: &BranchName) -> Option<BranchName> {
        let mut start = None;
        self.search_log(&branch.to_ref(), &mut |line| {
            start = Some(line.new_oid);
            None::<()>
        });
        let start = commit_id(&start?).ok()?;
        let mut found = None;
        for checkout in self.checkouts() {
            let other = BranchName::from_ref(self.head_of(&checkout.git_dir)?.to_str().ok()?);
            let Some(other) = other.filter(|other| other != branch && self.tip(other).as_ref() == Some(&start)) else {
                continue;
            };
            if found.replace(other).is_some() {
                return None;
            }
        }
        found
    }

    /// How a branch moved, newest first: the old and the new commit of each of the last lines of its reflog.
    pub(crate) fn movements(&self, branch: &BranchName) -> Vec<(CommitId, CommitId)> {
        let mut movements = Vec::new();
        self.search_log(&branch.to_ref(), &mut |line| {
            movements.extend(commit_id(&line.previous_oid).ok().zip(commit_id(&line.new_oid).ok()));
            (movements.len() >= MOST_MOVEMENTS).then_some(())
        });
        movements
    }

    /// Where `branch` was put when it was last rebased or reset.
    pub(crate) fn last_move(&self, branch: &BranchName) -> Option<CommitId> {
        self.search_log(&branch.to_ref(), &mut |line| {
            let message = line.message.to_str_lossy();
            let is_move = reflog::moves(message.trim_end());
            // What is below belongs to the branch that this one is a copy of.
            let ends = is_move || message.starts_with("Branch: copied ");
            ends.then(|| commit_id(&line.new_oid).ok().filter(|_| is_move))
        })?
    }

    /// The names that `branch` had before it was renamed, newest first.
    pub(crate) fn former_names(&self, branch: &BranchName) -> Vec<BranchName> {
        let mut names = Vec::new();
        // Nearly all had none, and looking for one word takes a tenth of reading the lines.
        if self.beginnings_in_log(&branch.to_ref()).0.is_none() {
            return names;
        }
        self.search_messages(branch, &mut |message| {
            let renamed = message.strip_prefix("Branch: renamed refs/heads/");
            names.extend(renamed.and_then(|rest| BranchName::new(rest.split(" to refs/heads/").next()?.trim_end())));
            // What is below belongs to the branch that this one is a copy of.
            message.starts_with("Branch: copied ").then_some(())
        });
        names
    }

    /// Another branch that has one of the former names of `branch` now and was called `branch` itself at `time`.
    pub(crate) fn changed_names_with(&self, branch: &BranchName, time: DateTime<Utc>) -> Option<BranchName> {
        let mut holders = self.former_names(branch).into_iter();
        holders.find(|name| name != branch && self.tip(name).is_some() && self.name_at(name, time) == *branch)
    }

    /// How `branch` was called at `time`, as far as its reflog tells.
    fn name_at(&self, branch: &BranchName, time: DateTime<Utc>) -> BranchName {
        let mut name = branch.clone();
        self.search_log(&branch.to_ref(), &mut |line| {
            if line.signature.time.seconds <= time.timestamp() {
                return Some(());
            }
            if let Some((old, _)) = reflog::renaming(&line.message.to_str_lossy()) {
                name = old;
            }
            None
        });
        name
    }

    /// Since when the branch has its name, where its reflog still tells: it was made, copied or renamed then.
    pub(crate) fn beginning(&self, branch: &BranchName) -> Option<Beginning> {
        let (naming, oldest) = self.beginnings_in_log(&branch.to_ref());
        let (seconds, renamed_from) = match naming.and_then(|naming| self.naming(branch, naming)) {
            Some((seconds, Naming::RenamedFrom(old))) => (seconds, Some(old)),
            Some((seconds, Naming::CopyOf(_))) => (seconds, None),
            None => {
                let made = oldest.filter(|(_, message)| message.starts_with(b"branch: Created from "));
                (made?.0, None)
            }
        };
        Some(Beginning {
            time: DateTime::from_timestamp(seconds, 0)?,
            renamed_from,
        })
    }

    /// When the branch was made, under whatever name, in seconds since 1970, as far back as its reflog tells.
    pub(crate) fn made_at(&self, branch: &BranchName) -> Option<i64> {
        let (_, oldest) = self.beginnings_in_log(&branch.to_ref());
        oldest.map(|(seconds, _)| seconds)
    }

    /// What a line of the reflog says about how the branch got its name.
    fn naming(&self, branch: &BranchName, (seconds, message): (i64, BString)) -> Option<(i64, Naming)> {
        let message = message.to_str().ok()?;
        let rest = message.strip_suffix(&format!(" to {}", branch.to_ref()))?;
        let renamed = rest.strip_prefix("Branch: renamed ").and_then(BranchName::from_ref);
        let copied = rest.strip_prefix("Branch: copied ").and_then(BranchName::from_ref);
        let naming = renamed.map(Naming::RenamedFrom).or(copied.map(Naming::CopyOf))?;
        Some((seconds, naming))
    }

    /// Shows `found` the messages of a branch's reflog, newest first, until it returns something.
    fn search_messages<T>(&self, branch: &BranchName, found: &mut dyn FnMut(&str) -> Option<T>) -> Option<T> {
        self.search_log(&branch.to_ref(), &mut |line| {
            found(line.message.to_str_lossy().trim_end())
        })
    }

    /// Where `branch` is checked out: this work tree if it is here, else the main or a linked one.
    pub(crate) fn checkout_of(&self, branch: &BranchName) -> Option<Checkout> {
        let full = branch.to_ref();
        if self
            .checked_out
            .get()
            .is_some_and(|noted| !noted.contains(full.as_bytes().as_bstr()))
        {
            return None;
        }
        let is_there = |checkout: &Checkout| self.head_of(&checkout.git_dir).is_some_and(|head| head == full);
        let here = self.checkout().filter(is_there);
        let elsewhere = |checkout: &Checkout| checkout.git_dir != self.git_dir && is_there(checkout);
        here.or_else(|| self.checkouts().into_iter().find(elsewhere))
    }

    /// The branch that is checked out there.
    pub(crate) fn branch_at(&self, checkout: &Checkout) -> Option<BranchName> {
        BranchName::from_ref(self.head_of(&checkout.git_dir)?.to_str().ok()?)
    }

    /// Notes what is checked out, for many questions in a short time: of a branch that is nowhere now, no HEAD is read again.
    pub(crate) fn note_checkouts(&self) {
        let heads = || {
            self.checkouts()
                .iter()
                .filter_map(|checkout| self.head_of(&checkout.git_dir))
                .collect()
        };
        self.checked_out.get_or_init(heads);
    }

    /// This work tree.
    fn checkout(&self) -> Option<Checkout> {
        Some(Checkout {
            work_tree: self.work_tree()?.to_owned(),
            git_dir: self.git_dir.clone(),
        })
    }

    /// Every work tree of the repository that is there now, this one first.
    pub(crate) fn checkouts(&self) -> Vec<Checkout> {
        let mut found: Vec<Checkout> = self.checkout().into_iter().collect();
        let mut add = |work_tree: &Path, git_dir: &Path| {
            let (Ok(work_tree), Ok(git_dir)) = (std::fs::canonicalize(work_tree), std::fs::canonicalize(git_dir))
            else {
                return;
            };
            if found.iter().all(|known| known.git_dir != git_dir) {
                found.push(Checkout { work_tree, git_dir });
            }
        };
        if self.git_dir != self.common_dir
            && let Ok(main) = self.inner.main_repo()
            && let Some(work_tree) = main.workdir()
        {
            add(work_tree, main.path());
        }
        for proxy in self.inner.worktrees().unwrap_or_default() {
            if let Ok(base) = proxy.base()
                && leads_to(&base, proxy.git_dir())
            {
                add(&base, proxy.git_dir());
            }
        }
        found
    }
}

/// Whether `folder` is the linked work tree that has this git directory. The git directory remembers where its work tree was,
/// and by now something else may stand there.
pub(super) fn leads_to(folder: &Path, git_dir: &Path) -> bool {
    let link = folder.join(".git");
    let is_file = std::fs::metadata(&link).is_ok_and(|metadata| metadata.is_file());
    let link = is_file.then(|| std::fs::read(&link).ok()).flatten().unwrap_or_default();
    let named = link.strip_prefix(b"gitdir: ").map(ByteSlice::trim_end);
    let named = named.and_then(|path| path.to_path().ok().map(|path| folder.join(path)));
    let same = |path: PathBuf| std::fs::canonicalize(path).ok() == std::fs::canonicalize(git_dir).ok();
    named.is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noted_checkouts_spare_a_look_and_are_not_believed_alone() {
        let folder = crate::temporary::folder();
        let top = std::fs::canonicalize(folder.path()).unwrap();
        drop(gix::init(&top).unwrap());
        let head = top.join(".git/HEAD");
        let be_on = |branch: &str| std::fs::write(&head, format!("ref: refs/heads/{branch}\n")).unwrap();
        let (a, b) = (BranchName::new("a").unwrap(), BranchName::new("b").unwrap());
        be_on("a");
        let repository = Repository::isolated(&top);
        let is_here = |branch: &BranchName| repository.checkout_of(branch).is_some();
        assert!(is_here(&a) && !is_here(&b));
        be_on("b");
        assert!(!is_here(&a) && is_here(&b));
        repository.note_checkouts();
        assert!(!is_here(&a) && is_here(&b));
        be_on("a");
        assert!(!is_here(&a) && !is_here(&b));
    }

    #[test]
    fn a_tip_is_found_in_whatever_form_it_is_kept() {
        let folder = crate::temporary::folder();
        let top = std::fs::canonicalize(folder.path()).unwrap();
        drop(gix::init(&top).unwrap());
        let git_dir = top.join(".git");
        let (id, other) = ("a1".repeat(20), "b2".repeat(20));
        let header = "# pack-refs with: peeled fully-peeled sorted \n";
        let packed = format!("{header}{other} refs/heads/both\n{other} refs/heads/packed\n");
        std::fs::write(git_dir.join("packed-refs"), packed).unwrap();
        for (name, text) in [
            ("both", format!("{id}\n")),
            ("bare", id.clone()),
            ("blank", format!("{id} \n")),
            ("alias", "ref: refs/heads/packed\n".to_owned()),
            ("half", id[..20].to_owned()),
            ("long", format!("{}\n", "a1".repeat(32))),
        ] {
            std::fs::write(git_dir.join("refs/heads").join(name), text).unwrap();
        }
        let repository = Repository::isolated(&top);
        let tip = |name: &str| {
            repository
                .tip(&BranchName::new(name).unwrap())
                .map(|tip| tip.to_string())
        };
        let by_gix = |name: &str| {
            let found = repository.inner.try_find_reference(&format!("refs/heads/{name}"));
            Some(found.ok()??.try_id()?.to_string())
        };
        for name in ["both", "bare", "blank", "alias", "half", "long", "packed", "none"] {
            let expected = (name != "long").then(|| by_gix(name)).flatten();
            assert_eq!(tip(name), expected, "{name}");
        }
        assert_eq!((tip("both"), tip("packed")), (Some(id), Some(other)));
    }
}
