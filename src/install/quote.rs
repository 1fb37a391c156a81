//! Quoting for a POSIX shell and for git's config files, and reading our own quotes back.
//!
//! Not here: quotes of other people's making; those are never rewritten.

/// `text` as one word of a POSIX shell, whatever bytes it holds.
pub(crate) fn shell(text: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in text {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            _ => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

/// The text whose [`shell`] word `text` begins with, and what follows that word.
pub(crate) fn unquote_shell(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"'")?;
    let mut unquoted = Vec::new();
    loop {
        let end = rest.iter().position(|&byte| byte == b'\'')?;
        unquoted.extend_from_slice(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix(b"\\''") {
            Some(more) => {
                unquoted.push(b'\'');
                rest = more;
            }
            None => return Some((unquoted, rest)),
        }
    }
}

/// `value` as a quoted value of a config file: git-config(1), "Syntax".
pub(crate) fn config(value: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for &byte in value {
        match byte {
            b'"' | b'\\' => quoted.extend_from_slice(&[b'\\', byte]),
            b'\n' => quoted.extend_from_slice(b"\\n"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words_come_back() {
        for text in ["", "/a b", "it's", "''", "'", "a\\'b\n$(x)\"", "日本"] {
            let mut word = shell(text.as_bytes());
            word.extend_from_slice(b" rest");
            assert_eq!(
                unquote_shell(&word),
                Some((text.as_bytes().to_vec(), &b" rest"[..])),
                "{text}"
            );
        }
        for bad in ["", "a", "'a", "'a'\\''b"] {
            assert_eq!(unquote_shell(bad.as_bytes()), None, "{bad}");
        }
    }
}
