//! How a text is written as a YAML scalar, so that every YAML reader, old or new, reads that text and nothing else.
//!
//! Not here: where it is written (edit.rs).

use std::fmt::Write;

use granit_parser::ScalarStyle;

/// Where the scalar stands: between brackets more characters have a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    Flow,
}

/// `text` in the style of what it replaces, where that style can hold it.
pub(super) fn write(text: &str, before: ScalarStyle, context: Context) -> String {
    match before {
        ScalarStyle::SingleQuoted if text.chars().all(is_printable) => format!("'{}'", text.replace('\'', "''")),
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded if !needs_quotes(text, context) => {
            text.to_owned()
        }
        _ => double_quoted(text),
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x100 => _ = write!(out, "\\x{:02X}", u32::from(c)),
            c if u32::from(c) < 0x1_0000 => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => _ = write!(out, "\\U{:08X}", u32::from(c)),
        }
    }
    out.push('"');
    out
}

/// Characters that may stand unescaped on one line (YAML 1.2.2, 5.1), but for those that an editor shows as nothing.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn needs_quotes(text: &str, context: Context) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return true };
    let alone = chars.next().is_none_or(|c| c == ' ');
    text.trim() != text
        || !text.chars().all(is_printable)
        || ",[]{}#&*!|>'\"%@`".contains(first)
        || ("-?:".contains(first) && alone)
        || text.starts_with("---")
        || text.starts_with("...")
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
        || (context == Context::Flow && text.contains([',', '[', ']', '{', '}']))
        || is_word_of_yaml(text)
        || looks_like_a_number(text)
}

/// Texts that YAML 1.1 or 1.2 reads as null, a boolean, a merge or a default (<https://yaml.org/type/bool.html>).
fn is_word_of_yaml(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "~", "null", "true", "false", "yes", "no", "y", "n", "on", "off", "=", "<<",
    ]
    .contains(&lower.as_str())
}

/// Numbers of YAML 1.1 and 1.2, base 60 included. A date such as `2025-08-29` is none and stays plain.
fn looks_like_a_number(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace('_', "");
    let digits = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    let based = |prefix: &str, base: u32| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(base)))
    };
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let base_60 = digits.contains(':') && digits.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.');
    based("0x", 16)
        || based("0o", 8)
        || based("0b", 2)
        || [".inf", ".nan"].contains(&digits)
        || (starts && (digits.parse::<f64>().is_ok() || base_60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_a_reader_would_see_something_else() {
        for plain in [
            "claude",
            "2025-08-29",
            "2025-08-29 18:55 UTC",
            "47 / BLZ-42",
            "feat/a",
            "a#b",
            "http://x/y",
            "-x",
            "1.2.3",
            "日本",
            "e5",
            "a, b",
            "nothing",
            "it's",
            "infinity",
        ] {
            assert_eq!(write(plain, ScalarStyle::Plain, Context::Block), plain);
        }
        for quoted in [
            "", " a", "a ", "a: b", "a:", "a #b", "#1", "@x", "&x", "*x", "!x", "- a", "-", "? a", ": a", "---", "[a",
            "{a", "true", "No", "on", "Y", "null", "~", "<<", "=", "12", "-1", "+1.5", "0x1F", "0o7", "0b1", "1e5",
            ".5", "1_000", "12:30:45", ".inf", "-.INF", ".NaN", "a\tb", "a\nb", "`x", "%x", "|", ">", ", a", "\u{85}",
        ] {
            let written = write(quoted, ScalarStyle::Plain, Context::Block);
            assert!(written.starts_with('"'), "{quoted:?} as {written}");
        }
        assert_eq!(write("a, b", ScalarStyle::Plain, Context::Flow), "\"a, b\"");
        assert_eq!(write("a]", ScalarStyle::Plain, Context::Flow), "\"a]\"");
    }

    #[test]
    fn keeps_the_quotes_that_were_there() {
        let single = |text: &str| write(text, ScalarStyle::SingleQuoted, Context::Block);
        assert_eq!(single("it's # 1"), "'it''s # 1'");
        assert_eq!(single("a\nb"), "\"a\\nb\"");
        let double = |text: &str| write(text, ScalarStyle::DoubleQuoted, Context::Block);
        assert_eq!(double("a\"\\\x1b\u{2028}é"), "\"a\\\"\\\\\\x1B\\u2028é\"");
    }
}
