//! Each command: what it prints where, how it ends, and how its errors read.

mod doctor;
mod installation;
mod reading;
mod writing;

use crate::sandbox::Sandbox;

/// A sandbox on branch `feat`, which has a document and no commits.
fn on_feat() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox
}

/// Each command line with its exit code, standard output and standard error.
#[track_caller]
fn transcript(sandbox: &Sandbox, lines: &[(&str, i32, &str, &str)]) {
    for (line, code, stdout, stderr) in lines {
        let run = sandbox.shell(line);
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (*code, *stdout, *stderr),
            "{line}"
        );
    }
}
