//! The headings of entries: `2025-08-29 18:55: [@claude] Initial implementation`, and older forms of it.

use chrono::{DateTime, NaiveDate, Utc};

/// What an entry's heading says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) time: Option<DateTime<Utc>>,
    pub(super) who: Option<String>,
    pub(super) title: String,
}

/// Reads a heading's text. Never fails: what has no form is the title.
pub(super) fn parse(text: &str) -> Heading {
    let (time, rest) = match time(text) {
        Some((time, rest)) => (Some(time), rest),
        None => (None, text),
    };
    let who = rest.strip_prefix("[@").and_then(|rest| rest.split_once(']'));
    let (who, title) = match who {
        Some((who, title)) if !who.is_empty() => (Some(who.to_owned()), title),
        _ => (None, rest),
    };
    Heading {
        time,
        who,
        title: title.trim().to_owned(),
    }
}

/// The time at the start of `text`, in UTC, and what follows it: `YYYY-MM-DD HH:MM`, with `T` between, seconds, and
/// `Z` or ` UTC` behind, then a colon.
fn time(text: &str) -> Option<(DateTime<Utc>, &str)> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 2)?;
    let (hour, rest) = number(rest.strip_prefix([' ', 'T'])?, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let seconds = rest.strip_prefix(':').and_then(|rest| number(rest, 2));
    let (second, rest) = seconds.unwrap_or((0, rest));
    let rest = rest.strip_prefix('Z').or(rest.strip_prefix(" UTC")).unwrap_or(rest);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = date.and_hms_opt(hour, minute, second)?.and_utc();
    Some((time, rest.strip_prefix(':').unwrap_or(rest).trim_start()))
}

fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let all = number.bytes().all(|b| b.is_ascii_digit());
    Some((number.parse().ok().filter(|_| all)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        let cases = [
            (
                "2025-08-29 18:55: [@claude] Initial implementation",
                Some(1_756_493_700),
                Some("claude"),
                "Initial implementation",
            ),
            ("2025-08-29T18:55:30Z [@a b] x", Some(1_756_493_730), Some("a b"), "x"),
            (
                "2025-08-30 14:22: PR Review Update from @coderabbitai",
                Some(1_756_563_720),
                None,
                "PR Review Update from @coderabbitai",
            ),
            ("2025-08-29 18:55 UTC: x", Some(1_756_493_700), None, "x"),
            ("2025-13-29 18:55: x", None, None, "2025-13-29 18:55: x"),
            ("2025-08-29: x", None, None, "2025-08-29: x"),
            ("+025-08-29 18:55: x", None, None, "+025-08-29 18:55: x"),
            ("[@claude x", None, None, "[@claude x"),
            ("日本", None, None, "日本"),
            ("", None, None, ""),
        ];
        for (text, time, who, title) in cases {
            let heading = parse(text);
            let found = (
                heading.time.map(|time| time.timestamp()),
                heading.who.as_deref(),
                heading.title.as_str(),
            );
            assert_eq!(found, (time, who, title), "{text}");
        }
    }
}
