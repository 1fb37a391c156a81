//! One trailer line of a commit message (git-interpret-trailers(1)).
//!
//! Not here: which lines of a message are its trailers (document/message.rs), and who they name (actor.rs).

/// The token and the value of a trailer line.
pub(crate) fn trailer(line: &str) -> Option<(&str, &str)> {
    let (token, value) = line.split_once(':')?;
    let token = token.trim_end_matches([' ', '\t']);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!token.is_empty() && token.chars().all(known) && !value.starts_with("//")).then_some((token, value.trim()))
}
