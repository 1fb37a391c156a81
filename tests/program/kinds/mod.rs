//! Every kind of repository, work tree and clone that git knows: the usual story has to come out the same in each.

mod reftable;

use crate::sandbox::{Run, Sandbox, entries, field, run};
