//! One whole process, started and waited for: how long it took, what it and its children used.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// What a process cost, with everything that it started and waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// From start to end, in milliseconds.
    pub(crate) wall: f64,
    /// User and system time, in milliseconds.
    pub(crate) cpu: f64,
    /// The largest resident set of any one process among them, in MB.
    pub(crate) peak: f64,
}

/// Runs `command`, which must succeed, and tells what it cost.
#[allow(clippy::zombie_processes, reason = "`wait` waits for it, and is told what it used")]
pub(crate) fn run(command: &mut Command) -> Cost {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let child = command.spawn().unwrap();
    let (status, usage) = wait(child.id());
    let wall = start.elapsed().as_secs_f64() * 1e3;
    assert!(status.success(), "{command:?}: {status}");
    let milliseconds = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    // In bytes on macOS, else in KiB (getrusage(2)).
    let unit = if cfg!(target_os = "macos") { 1e6 } else { 1e6 / 1024.0 };
    Cost {
        wall,
        cpu: milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
        peak: usage.ru_maxrss as f64 / unit,
    }
}

#[allow(
    unsafe_code,
    reason = "the standard library does not tell what a child that it waited for has used"
)]
fn wait(id: u32) -> (ExitStatus, libc::rusage) {
    let id = libc::pid_t::try_from(id).unwrap();
    let mut status = 0;
    // SAFETY: zeros are a valid rusage, and both pointers are to live values of the types that wait4(2) fills in.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(id, &mut status, 0, &mut usage), usage)
    };
    assert_eq!(waited, id, "wait4: {}", std::io::Error::last_os_error());
    (ExitStatus::from_raw(status), usage)
}

/// The middle one of `values`.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
