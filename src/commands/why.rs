//! `why`: the document behind a line of code, in words or as JSON. Not here: finding it (journeys/why.rs).

use super::{Exit, Surroundings};
use crate::error::{Error, Result};
use crate::journeys::why::{FoundBy, Reason, Told, why};
use crate::names::visible;

/// Tell why a line is as it is: what the document of its branch says
///
/// git blames the line; the document that tells of the commit is looked for among live and archived ones, also after a squash or
/// a rebase. Prints its Decisions and Notes and the entries that name the file. Exits with 1 where no document is found.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A file, or a line of it: src/main.rs:12
    #[arg(value_name = "PATH[:LINE]")]
    place: String,
    /// Print a list of objects, one for each commit
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, surroundings: &mut Surroundings<'_>) -> Result<Exit> {
    let session = surroundings.session()?;
    let (path, line) = place(&arguments.place, &surroundings.world.directory)?;
    let reasons = why(&session, path, line)?;
    let found = match reasons.iter().any(|reason| reason.document.is_some()) {
        true => Exit::Ok,
        false => Exit::Problems,
    };
    if arguments.json {
        surroundings.ui.json(&reasons)?;
    } else if reasons.is_empty() {
        surroundings.ui.talk("It is in no commit yet");
    } else {
        let texts: Vec<String> = reasons.iter().map(text).collect();
        surroundings.page(&session, texts.join("\n").as_bytes())?;
    }
    if reasons.iter().any(|reason| reason.document.is_none()) {
        surroundings.tell_unseen(&session)?;
    }
    Ok(found)
}

/// A file whose name ends with a colon and digits is taken for that file.
fn place<'a>(text: &'a str, folder: &std::path::Path) -> Result<(&'a str, Option<usize>)> {
    let Some((path, line)) = text.rsplit_once(':').filter(|_| !folder.join(text).exists()) else {
        return Ok((text, None));
    };
    match line.parse::<usize>() {
        Ok(line) if line > 0 => Ok((path, Some(line))),
        _ => {
            Err(Error::usage(format!("'{}' is not PATH:LINE", visible(text))).hint("git branchwork why src/main.rs:12"))
        }
    }
}

fn text(reason: &Reason) -> String {
    let lines = if reason.lines == 1 {
        "1 line".to_owned()
    } else {
        format!("{} lines", reason.lines)
    };
    let (day, short) = (&reason.time[..10], &reason.commit[..10]);
    let (author, subject) = (visible(&reason.author), visible(&reason.subject));
    let mut text = format!("{lines} from {short} {day} {author}: {subject}\n");
    match &reason.document {
        None => text.push_str("No document tells of it.\n"),
        Some(document) => told(&mut text, document),
    }
    text
}

fn told(text: &mut String, document: &Told) {
    let branch = document.branch.as_deref().unwrap_or(&document.id);
    let state = match (&document.archived, &document.outcome) {
        (Some(_), Some(outcome)) => format!(" ({outcome})"),
        _ => String::new(),
    };
    let by = match document.found_by {
        FoundBy::Commit => "",
        FoundBy::PullRequest => ", found by its pull request",
        FoundBy::Patch => ", found by the same change",
    };
    let show = match document.archived {
        Some(_) => format!("git branchwork show {}", document.id),
        None => format!("git branchwork show {}", crate::check::quoted(branch)),
    };
    text.push_str(&format!("Branch '{}'{state}{by}: {show}\n", visible(branch)));
    let mut section = |title: &str, said: &str| text.push_str(&format!("\n## {title}\n\n{said}\n"));
    if let Some(said) = &document.decisions {
        section("Decisions", said);
    }
    if let Some(said) = &document.notes {
        section("Notes", said);
    }
    if !document.entries.is_empty() {
        section("Updates", &document.entries.join("\n\n"));
    }
}
