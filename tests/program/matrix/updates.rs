//! What the Updates of a document say about commits, so that it can be compared.
//!
//! Read by lines and independently of the program. Not here: what they should say.

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The time in its heading.
    pub(crate) time: String,
    /// The name in its heading, as `[@ada]`.
    pub(crate) who: String,
    /// The rest of its heading, without marks.
    pub(crate) title: String,
    /// How often the heading ends in ` (dropped)`.
    pub(crate) dropped: usize,
    /// The commits in its markers.
    pub(crate) commits: Vec<String>,
    /// The lines that were not written by hand.
    pub(crate) lines: Vec<String>,
    /// The lines that were.
    pub(crate) words: Vec<String>,
}

/// How a line begins that the word `by_hand` wrote.
pub(crate) const BY_HAND: &str = "By hand ";

/// The entries of a document, in its order. Blank lines do not count.
pub(crate) fn read(document: &str) -> Vec<Entry> {
    let updates = document.split("\n## Updates\n").nth(1).unwrap_or_default();
    let updates = updates.split("\n## ").next().unwrap_or_default();
    let mut entries: Vec<Entry> = Vec::new();
    for line in updates.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(heading) = line.strip_prefix("### ") {
            entries.push(begin(heading));
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        let marker = line.strip_prefix("<!-- branchwork:commit ");
        if let Some(id) = marker.and_then(|rest| rest.strip_suffix(" -->")) {
            entry.commits.push(id.to_owned());
        } else if line.starts_with(BY_HAND) {
            entry.words.push(line.to_owned());
        } else {
            entry.lines.push(line.to_owned());
        }
    }
    entries
}

fn begin(heading: &str) -> Entry {
    let (mut title, mut dropped) = (heading, 0);
    while let Some(rest) = title.strip_suffix(" (dropped)") {
        (title, dropped) = (rest, dropped + 1);
    }
    let (time, title) = title.split_once(": ").unwrap_or(("", title));
    let (who, title) = match title.split_once("] ") {
        Some((who, title)) if who.starts_with("[@") => (format!("{who}]"), title),
        _ => (String::new(), title),
    };
    Entry {
        time: time.to_owned(),
        who,
        title: title.to_owned(),
        dropped,
        commits: Vec::new(),
        lines: Vec::new(),
        words: Vec::new(),
    }
}

/// The commits that a branch has, for the places of entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commits {
    /// Its own, oldest first.
    pub(crate) own: Vec<String>,
    /// All that it reaches.
    pub(crate) all: Vec<String>,
}

impl Entry {
    /// The entry in short: the place of its commit among the branch's own, its title, and a star for words by hand with the
    /// number that they say. In the place's place: `x` gone and marked once, `-` no commit, `t` the trunk's or the base's.
    /// Wrong in any document: `?` gone and not marked, `!` behind the place of a commit that is there and marked.
    pub(crate) fn short(&self, commits: &Commits) -> String {
        let place = match self.commits.as_slice() {
            [] => "-".to_owned(),
            [id] => match commits.own.iter().position(|own| own == id) {
                Some(index) => (index + 1).to_string(),
                None if commits.all.contains(id) => "t".to_owned(),
                None if self.dropped == 1 => "x".to_owned(),
                None => format!("?{}", self.dropped),
            },
            several => format!("{} commits", several.len()),
        };
        let wrong = if self.dropped > 0 && place != "x" { "!" } else { "" };
        let number = self
            .words
            .iter()
            .find_map(|line| line.split_once(" (")?.1.strip_suffix(')'));
        let words = match (self.words.is_empty(), number) {
            (true, _) => String::new(),
            (false, number) => format!("*{}", number.unwrap_or_default()),
        };
        format!("{place}{wrong} {}{words}", self.title)
    }

    /// The entry without marks and words by hand: what the program makes of its commit. What it reverts is a link only where
    /// that has an entry.
    pub(crate) fn made(&self) -> (&str, &str, &str, Vec<String>) {
        let lines = self.lines.iter().map(|line| match line.strip_prefix("- reverts [") {
            Some(link) => format!("- reverts {}", link.split(']').next().unwrap_or_default()),
            None => line.clone(),
        });
        (&self.time, &self.who, &self.title, lines.collect())
    }
}

/// All entries in short, with commas between.
pub(crate) fn short(entries: &[Entry], commits: &Commits) -> String {
    let entries: Vec<String> = entries.iter().map(|entry| entry.short(commits)).collect();
    entries.join(", ")
}
