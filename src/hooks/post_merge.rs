//! post-merge: 1 where it was a squash merge, which has made no commit yet (githooks(5)).

use super::{Answer, Call, post_commit};
use crate::check::quoted;
use crate::error::Result;
use crate::journeys::{Session, archive, record, stack};

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    if call.argument(0) != "1" {
        let session = Session::open(call.world)?;
        post_commit::tell(call, record::commit(&session)?);
        let merged = archive::newly_merged(&session)?;
        stack::remember_merged(&session, &merged)?;
        match merged.as_slice() {
            [] => {}
            [branch] => {
                let name = quoted(branch.as_str());
                call.ui
                    .hook(&format!("'{branch}' is merged: git branchwork archive {name}"));
            }
            several => {
                let names: Vec<String> = several.iter().map(|branch| format!("'{branch}'")).collect();
                call.ui.hook(&format!(
                    "{} are merged: git branchwork archive --merged",
                    names.join(", ")
                ));
            }
        }
    }
    Ok(Answer::GoOn)
}
