//! pre-push: the remote's name and address, and a line `<local ref> <id> <remote ref> <remote id>` for each ref that is
//! pushed on stdin (githooks(5)). Up-to-date and rejected refs are left out, so there may be no line.

use super::{Answer, Call};
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::journeys::Session;
use crate::journeys::verify::{self, PushedRef, Verdict};
use crate::journeys::{sync, waive};
use crate::names::CommitId;
use crate::transport::CHECKED;
use crate::ui::Ui;

/// How many branches one line names.
const MOST_NAMED: usize = 5;
/// How many characters these may have together: the line is one of a screen.
const LONGEST_NAMED: usize = 160;
/// Why a push goes through although a check holds it back.
const WAIVE: &str = "BRANCHWORK_WAIVE";

pub(super) fn run(call: &mut Call<'_>) -> Result<Answer> {
    let input = (call.read_input)().map_err(|error| Error::new("cannot read what git says").because(&error))?;
    let mut refs: Vec<PushedRef> = String::from_utf8_lossy(&input).lines().filter_map(pushed_ref).collect();
    if refs.is_empty() {
        refs.extend(from_pre_commit(call));
    }
    if refs.is_empty() {
        return Ok(Answer::GoOn);
    }
    let checked = call.world.variable(CHECKED);
    refs.retain(|pushed| checked != Some(format!("{} {} {}", pushed.local, pushed.id, pushed.remote).as_str()));
    if refs.is_empty() {
        return Ok(Answer::GoOn);
    }
    let session = Session::open(call.world)?;
    let answer = gate(call.ui, &session, &refs, LookFirst::MayHelp, "git push")?;
    if answer == Answer::GoOn {
        send(call, &session, &refs);
    }
    Ok(answer)
}

/// Lets the documents go along, if the user wants it. Where that is not possible it is said, and the push goes on.
fn send(call: &Call<'_>, session: &Session<'_>, refs: &[PushedRef]) {
    // pre-commit passes no arguments on.
    let remote = match call.argument(0) {
        "" => call.world.variable("PRE_COMMIT_REMOTE_NAME").unwrap_or_default(),
        remote => remote,
    };
    let (documents, archives): (Vec<Error>, Vec<Error>) = match sync::on_push(session, remote, refs) {
        Ok(done) => {
            for synced in &done.synced {
                call.notices(&synced.notices);
            }
            for carried in &done.carried {
                call.notices(&carried.notices);
                carried.ended.iter().for_each(|ended| call.ui.hook(&ended.to_string()));
            }
            let archives = done.carried.into_iter().filter_map(|carried| carried.failed);
            let documents = done.synced.into_iter().filter_map(|synced| synced.failed);
            (documents.collect(), archives.collect())
        }
        Err(error) => (vec![error], Vec::new()),
    };
    not_sent(call, "pushed without the document", &documents);
    not_sent(call, "archives were not sent", &archives);
}

/// One line, whatever the number.
fn not_sent(call: &Call<'_>, what: &str, failed: &[Error]) {
    let Some(error) = failed.first() else { return };
    let more = match failed.len() {
        1 => String::new(),
        number => format!(" (and {} more)", number - 1),
    };
    let hint = error.hint.as_deref().unwrap_or("git branchwork sync");
    let line = format!("{what}: {error}{more}; {hint}");
    call.ui.hook(&super::one_line(&line));
}

/// Whether somebody whose push is held back may find on the remote what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookFirst {
    /// Nobody has looked: a hook does not ask the network.
    MayHelp,
    /// It was looked a moment ago.
    Done,
}

/// Checks the documents of what is pushed, and tells of them. `push` is the command that pushes.
pub(crate) fn gate(
    ui: Ui,
    session: &Session<'_>,
    refs: &[PushedRef],
    look_first: LookFirst,
    push: &str,
) -> Result<Answer> {
    let world = session.world;
    let verdicts = verify::pushed(session, refs)?;
    let changed: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.policy_changed).collect();
    let changed = (!changed.is_empty()).then(|| {
        let verb = if changed.len() == 1 { "changes" } else { "change" };
        format!("{} {verb} the rules in '{}'", names(&changed), crate::policy_file::NAME)
    });
    if let Some(line) = &changed {
        ui.hook(line);
    }
    let blocked: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.blocks()).collect();
    let agent = Actor::from_environment(&|name| world.variable(name).map(str::to_owned));
    // Blanks are no reason.
    let reason = world.variable(WAIVE).map(str::trim).filter(|reason| !reason.is_empty());
    let held = match reason {
        None if !blocked.is_empty() => Some(held(session, &blocked, agent.as_ref(), look_first, push)?),
        _ => None,
    };
    match agent {
        Some(_) => ui.pushed_as_data(&verdicts)?,
        None => ui.pushed(&verdicts, &[changed.as_deref(), held.as_deref()]),
    }
    match (held, reason) {
        (Some(line), _) => {
            ui.hook(&line);
            Ok(Answer::Block)
        }
        (None, Some(reason)) => Ok(waive(ui, session, &verdicts, reason)),
        (None, None) => Ok(Answer::GoOn),
    }
}

/// What is said where the push is held back, and what to do next.
fn held(
    session: &Session<'_>,
    blocked: &[&Verdict],
    agent: Option<&Actor>,
    look_first: LookFirst,
    push: &str,
) -> Result<String> {
    let unseen = match look_first {
        LookFirst::MayHelp => first_unseen(session, blocked)?,
        LookFirst::Done => None,
    };
    let first = unseen.map_or_else(String::new, |command| {
        format!("{command} first, others may have filled it in; ")
    });
    // An agent that is told how to skip a check skips it. A person is told the way that leaves a trace.
    let next = match agent {
        Some(_) => format!("{first}run the command in 'fix' with a value for each <…>, then push again"),
        None => format!("{first}BRANCHWORK_WAIVE=\"why\" {push} goes on"),
    };
    let verb = if blocked.len() == 1 { "is" } else { "are" };
    Ok(format!("push blocked: {} {verb} incomplete ({next})", names(blocked)))
}

/// What looks whether the remote has a document of one of these branches: of the first that is there, without anybody having looked
/// for its document.
fn first_unseen(session: &Session<'_>, blocked: &[&Verdict]) -> Result<Option<String>> {
    for branch in blocked.iter().filter_map(|verdict| verdict.branch.as_ref()) {
        if let Some(command) = sync::to_look(session, branch)? {
            return Ok(Some(command));
        }
    }
    Ok(None)
}

/// The first branches by name, the rest by number.
fn names(verdicts: &[&Verdict]) -> String {
    let mut room = LONGEST_NAMED;
    let has_room = |(at, name): &(usize, String)| {
        room = room.saturating_sub(name.chars().count());
        *at == 0 || room > 0
    };
    let names = verdicts.iter().take(MOST_NAMED).map(|verdict| verdict.name());
    let mut names: Vec<String> = names.enumerate().take_while(has_room).map(|(_, name)| name).collect();
    if verdicts.len() > names.len() {
        names.push(format!("and {} more", verdicts.len() - names.len()));
    }
    names.join(", ")
}

/// The push goes on whatever happens here: that somebody wants it to is said.
fn waive(ui: Ui, session: &Session<'_>, verdicts: &[Verdict], reason: &str) -> Answer {
    for verdict in verdicts.iter().filter(|verdict| verdict.blocks()) {
        match waive::waive(session, verdict, reason) {
            Ok(notices) => super::notices(ui, &notices),
            Err(error) => ui.hook(&format!(
                "the reason was not written down: {}",
                super::one_line(&error.to_string())
            )),
        }
        ui.hook(&format!(
            "{} goes through all the same: {}",
            verdict.name(),
            super::one_line(reason)
        ));
    }
    Answer::GoOn
}

fn pushed_ref(line: &str) -> Option<PushedRef> {
    let mut words = line.rsplitn(4, ' ');
    let (_, remote, id, local) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(PushedRef {
        local: local.to_owned(),
        id: CommitId::parse(id)?,
        remote: remote.to_owned(),
    })
}

/// pre-commit passes no input on, but tells the first ref with new commits in variables.
fn from_pre_commit(call: &Call<'_>) -> Option<PushedRef> {
    Some(PushedRef {
        local: call.world.variable("PRE_COMMIT_LOCAL_BRANCH")?.to_owned(),
        id: CommitId::parse(call.world.variable("PRE_COMMIT_TO_REF")?)?,
        remote: call.world.variable("PRE_COMMIT_REMOTE_BRANCH")?.to_owned(),
    })
}
