//! The one command that mends what a check found, ready to be pasted into a shell.
//!
//! What only a person knows stands between `<` and `>`; `set` refuses such a text, so that a command that was pasted
//! without a look changes nothing.

use super::rules::Subject;
use super::values::placeholder_of;
use super::{Fix, Problem, Severity, suggest};
use crate::document::front_matter::Key;
use crate::names::visible;

/// The command that mends all `problems` that a command can mend, `None` where there are none. `option` names the branch
/// where it is not the current one (` -b feat/a`), else is empty.
pub fn fix_command(problems: &[Problem], option: &str) -> Option<String> {
    let mut seen: Vec<&Key> = Vec::new();
    let mut command = format!("git branchwork set{option}");
    let blocks = problems.iter().any(|problem| problem.severity == Severity::Error);
    for problem in problems {
        let Some(Fix::Set { key, suggestion }) = &problem.fix else {
            continue;
        };
        // Where something blocks, what only a person knows is asked for that alone: until it is filled in, `set` refuses
        // the whole command.
        if blocks && problem.severity == Severity::Warning && suggestion.starts_with('<') {
            continue;
        }
        if !seen.contains(&key) {
            seen.push(key);
            command.push(' ');
            command.push_str(&quoted(&visible(&format!("{key}={suggestion}"))));
        }
    }
    (!seen.is_empty()).then_some(command)
}

/// `word` as a POSIX shell reads it back.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@,+-".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The option that names a branch in a printed command. One whose name looks like an option has to be joined to it.
pub fn branch_option(branch: &str) -> String {
    match branch.starts_with('-') {
        true => format!("--branch={}", quoted(branch)),
        false => format!("-b {}", quoted(branch)),
    }
}

/// What to set `key` to, as it is typed behind `key=`.
pub(super) fn suggestion(subject: &Subject<'_>, key: &Key) -> String {
    let context = subject.context;
    let known = match key.to_string().as_str() {
        "dri" => context.actor.map(|actor| actor.trim_start_matches('@').to_owned()),
        "scope" => scope(subject.document.text()),
        "branch.name" => context.branch.map(str::to_owned),
        _ => None,
    };
    known
        .filter(|known| !known.is_empty())
        .unwrap_or_else(|| placeholder_of(subject, key))
}

/// The folders that the document's lists of files name most, such as `indexer,tests`.
fn scope(text: &[u8]) -> Option<String> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let live = lines.take_while(|line| line != b"## Example");
    suggest::joined(&suggest::areas(live.filter_map(listed_path)))
}

/// The path of a list item that begins with one; the new one of `` `old` → `new` ``.
fn listed_path(line: &[u8]) -> Option<&str> {
    let item = std::str::from_utf8(line).ok()?.strip_prefix("- `")?;
    let (path, rest) = item.split_once('`')?;
    let renamed = rest.strip_prefix(" → `").and_then(|rest| rest.split_once('`'));
    Some(renamed.map_or(path, |(path, _)| path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Severity;

    #[test]
    fn a_shell_reads_the_word_back() {
        for (word, written) in [
            ("dri=claude", "dri=claude"),
            ("risk=<low|medium>", "'risk=<low|medium>'"),
            ("backout_plan=it's $HOME", r"'backout_plan=it'\''s $HOME'"),
            ("scope=é", "'scope=é'"),
            ("", ""),
        ] {
            assert_eq!(quoted(word), written);
        }
    }

    #[test]
    fn one_command_mends_all() {
        let problem = |key: &str, suggestion: &str| Problem {
            code: "BW002",
            severity: Severity::Error,
            place: None,
            message: String::new(),
            note: None,
            fix: Some(Fix::Set {
                key: Key::parse(key).unwrap(),
                suggestion: suggestion.to_owned(),
            }),
        };
        let unfixable = Problem {
            fix: None,
            ..problem("a", "")
        };
        let all = [
            problem("dri", "a\u{1b}b"),
            unfixable.clone(),
            problem("risk", "low"),
            problem("risk", "high"),
        ];
        assert_eq!(
            fix_command(&all, "").as_deref(),
            Some("git branchwork set 'dri=a\\u{1b}b' risk=low")
        );
        assert_eq!(fix_command(&[unfixable], ""), None);
        let warning = |suggestion| Problem {
            severity: Severity::Warning,
            ..problem("branch.total", suggestion)
        };
        let command = |problems: &[Problem]| fix_command(problems, "").unwrap_or_default();
        let asked = "git branchwork set 'branch.total=<number>'";
        assert_eq!(command(&[warning("<number>")]), asked);
        let both = [warning("<number>"), problem("risk", "low"), warning("2")];
        assert_eq!(command(&both), "git branchwork set risk=low branch.total=2");
    }

    #[test]
    fn scope_is_where_the_files_are() {
        for (lines, scope_is) in [
            (
                "- `src/indexer/a.rs` - added\n- `src/indexer/b.rs`\n- `tests/x.rs`\n- `docs/y.md`\n",
                Some("indexer,docs"),
            ),
            ("  - `src/config.rs` - modified (+20/-3)\r\n", Some("src")),
            ("- `old/a.rs` → `new/b.rs` - renamed\n", Some("new")),
            ("- `crates/core/src/lib.rs`\n", Some("core")),
            ("- `Cargo.toml`\n- text `a/b`\n- `$(id)/x`\n", None),
            ("## Example\n- `a/b.rs`\n", None),
            ("- `a/b", None),
        ] {
            assert_eq!(scope(lines.as_bytes()).as_deref(), scope_is, "{lines}");
        }
    }
}
