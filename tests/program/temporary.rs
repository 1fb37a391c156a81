//! A folder for a test, in memory where that is possible. On a disk git waits for each ref and each pack to be written, which takes
//! longer than all the rest. The library's own tests have this module too.
//!
//! Not here: what is in the folder.

use std::path::Path;

use tempfile::TempDir;

/// An empty folder that goes away with what is in it.
pub(crate) fn folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("branchwork-test-");
    let in_memory = memory().and_then(|memory| builder.tempdir_in(memory).ok());
    in_memory.unwrap_or_else(|| builder.tempdir().unwrap())
}

/// The folder in memory, if there is room in it and hooks may run there: a container often has neither.
#[cfg(target_os = "linux")]
fn memory() -> Option<&'static Path> {
    const MEMORY: &str = "/dev/shm";
    let found = rustix::fs::statvfs(MEMORY).ok()?;
    let fits = found.f_bavail * found.f_frsize >= 1 << 30;
    let runs = !found.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC);
    (fits && runs).then(|| Path::new(MEMORY))
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<&'static Path> {
    None
}
