//! What the process was started with: environment, directory, clock. Made once, in main.rs, and passed down.
//!
//! Not here: reading any of it from the system, so that everything below can be run with another world.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, Utc};

/// The surroundings of one run.
#[derive(Clone, Debug)]
pub struct World {
    /// The environment variables.
    pub environment: BTreeMap<OsString, OsString>,
    /// The working directory, absolute.
    pub directory: PathBuf,
    /// This program's own file, absolute, where the system tells it.
    pub executable: Option<PathBuf>,
    /// The time of the run: `GIT_COMMITTER_DATE` where it holds a date that git would take, else the clock's.
    pub now: DateTime<Utc>,
}

impl World {
    /// A world that takes its time from `GIT_COMMITTER_DATE`, as git does, else from `clock`.
    pub fn new(
        environment: BTreeMap<OsString, OsString>,
        directory: PathBuf,
        executable: Option<PathBuf>,
        clock: DateTime<Utc>,
    ) -> Self {
        let given = environment
            .get(OsStr::new("GIT_COMMITTER_DATE"))
            .and_then(|date| parse_git_date(date.to_str()?));
        Self {
            environment,
            directory,
            executable,
            now: given.unwrap_or(clock),
        }
    }

    /// An environment variable, where it is set, not empty and UTF-8.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.environment.get(OsStr::new(name))?.to_str()?;
        (!value.is_empty()).then_some(value)
    }
}

/// A date in git's internal format (`@1700000000 +0100`), RFC 3339, or ISO 8601 as git writes it (git-commit(1), DATE FORMATS).
fn parse_git_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let mut words = text.trim_start_matches('@').split(' ');
    if let Some(seconds) = words.next().and_then(|word| word.parse::<i64>().ok()) {
        return DateTime::from_timestamp(seconds, 0);
    }
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"))
        .or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(date) = zoned {
        return Some(date.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_git_takes() {
        let same = "2025-08-29T18:55:00+00:00";
        for text in [
            "@1756493700 +0000",
            "1756493700 +0200",
            "2025-08-29T18:55:00Z",
            "2025-08-29 20:55:00 +0200",
            "Fri, 29 Aug 2025 18:55:00 +0000",
            "2025-08-29T18:55:00",
        ] {
            assert_eq!(
                parse_git_date(text).map(|d| d.to_rfc3339()).as_deref(),
                Some(same),
                "{text}"
            );
        }
        assert_eq!(parse_git_date("yesterday"), None);
    }
}
