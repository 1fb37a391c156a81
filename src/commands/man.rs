//! `man`: the manual pages, made from the command line's own description.
//!
//! Not here: putting them where man looks (install.sh).

use std::io::Write;
use std::path::PathBuf;

use clap_mangen::Man;

use super::{Exit, Surroundings};
use crate::error::{Error, Result};

/// Print a manual page, or write all of them into a folder
///
/// `git branchwork --help` opens the manual page git-branchwork(1), which install.sh puts where man looks.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Whose page; without one, the program's
    command: Option<String>,
    /// Write git-branchwork.1 and one page a command here
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    to: Option<PathBuf>,
}

/// What the main page says beyond the options, in man(7).
const MORE: &str = r#".SH EXAMPLES
Once in a repository:
.PP
.RS 4
.nf
git branchwork init
.fi
.RE
.PP
From then on a new branch gets its document, a commit its entry, and a push its check:
.PP
.RS 4
.nf
git switch \-c feat/search
git branchwork show
git branchwork set risk=low scope=search
git branchwork log "Measured it" \-\-body "Twice as fast."
git branchwork update \-\-section Decisions \-\-item "Keep the old index for a release"
git branchwork tick "Tests pass"
git branchwork check
.fi
.RE
.PP
In a script:
.PP
.RS 4
.nf
risk=$(git branchwork get risk)
git branchwork list \-\-json
$EDITOR "$(git branchwork show \-\-path)"
.fi
.RE
.SH FILES
.TP
.B .branchwork/CURRENT.md
The document of the branch that is checked out, in each work tree. It is yours to edit: what is saved there goes into the
document with the next hook or command. Git ignores the folder.
.TP
.B .git/branchwork/
The store: a bare repository with every version of every document. It is in the git directory that all work trees share.
.TP
.B .git/branchwork\-view
What the file in this work tree was written from.
.TP
.B .branchwork.yml
The team's rules, tracked, at the top of the work tree.
.TP
.B ~/.config/branchwork/template.md
Your own template (on macOS: ~/Library/Application Support/branchwork/template.md). The team's goes before it.
.SH CONFIGURATION
.TP
.B branchwork.actor
The name that your entries carry and that
.B dri
is set to.
.TP
.B branchwork.trunk
The branch that others are merged into, where it is not found out.
.TP
.B branchwork.sync
With
.BR on\-push ,
the documents of branches go along with each push of theirs.
.B branchwork.syncTimeout
says how many seconds that may take, 10 where it is not set.
.SH ENVIRONMENT
.TP
.B BRANCHWORK_ACTOR
Goes before
.BR branchwork.actor .
Without both, the variables by which known coding agents mark their shells are looked at, then the e\-mail address.
.TP
.B GIT_COMMITTER_DATE
The time that is written, in place of the clock's.
.TP
.B GIT_EDITOR, GIT_PAGER, NO_COLOR
As in git.
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
It failed, or a check found what would hold back a push.
.TP
.B 2
The command line was wrong.
.PP
The hooks exit with 0, except
.BR pre\-push ,
which exits with 1 for a failed check and for nothing else.
.SH SEE ALSO
.BR git (1),
.BR githooks (5)
"#;

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let description = super::named(arguments.command.as_deref())?;
    let cannot_make = |error: std::io::Error| Error::new("cannot make the manual page").because(&error);
    let Some(folder) = &arguments.to else {
        let page = page(&description).map_err(cannot_make)?;
        surroundings.ui.data(&page)?;
        return Ok(Exit::Ok);
    };
    let folder = surroundings.world.directory.join(folder);
    for command in std::iter::once(&description).chain(description.get_subcommands()) {
        let path = folder.join(Man::new(command.clone()).get_filename());
        let page = page(command).map_err(cannot_make)?;
        std::fs::write(&path, page)
            .map_err(|error| Error::new(format!("cannot write '{}'", path.display())).because(&error))?;
    }
    Ok(Exit::Ok)
}

/// The usage line. clap_mangen's own leaves out what an option takes.
fn synopsis(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage: ")
        .replace('\\', r"\e")
        .replace('-', r"\-");
    format!(".SH SYNOPSIS\n{usage}\n")
}

/// The page of the program or of one of its commands.
fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let manual = Man::new(command.clone())
        .source(concat!("git-branchwork ", env!("CARGO_PKG_VERSION")))
        .manual("Git");
    let mut page = Vec::new();
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    page.write_all(synopsis(command).as_bytes())?;
    manual.render_description_section(&mut page)?;
    manual.render_options_section(&mut page)?;
    if command.has_subcommands() {
        manual.render_subcommands_section(&mut page)?;
        page.write_all(MORE.as_bytes())?;
    } else {
        page.write_all(b".SH SEE ALSO\n.BR git\\-branchwork (1)\n")?;
    }
    Ok(page)
}
