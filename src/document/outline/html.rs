//! The starts and ends of HTML blocks (CommonMark 0.31 section 4.6), all seven kinds.
//!
//! Not here: the tags inside a line of text.

use bstr::ByteSlice;

/// What ends an HTML block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HtmlEnd {
    /// A line that holds one of the closing tags of kind 1.
    RawTag(&'static str),
    /// A line that holds this (kinds 2 to 5).
    Text(&'static str),
    /// A blank line; `interrupts`: whether it may interrupt a paragraph (kind 6, not kind 7).
    Blank { interrupts: bool },
}

const RAW_TAGS: [(&str, &str); 4] = [
    ("pre", "</pre>"),
    ("script", "</script>"),
    ("style", "</style>"),
    ("textarea", "</textarea>"),
];

/// The block tags of kind 6, from the specification.
const BLOCK_TAGS: &str = " address article aside base basefont blockquote body caption center col colgroup dd details \
    dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html \
    iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody \
    td tfoot th thead title tr track ul ";

/// The end that an HTML block waits for which `text` starts. `text` begins with its first character.
pub(super) fn start(text: &[u8]) -> Option<HtmlEnd> {
    let rest = text.strip_prefix(b"<")?;
    if rest.starts_with(b"!--") {
        return Some(HtmlEnd::Text("-->"));
    }
    if rest.starts_with(b"?") {
        return Some(HtmlEnd::Text("?>"));
    }
    if rest.starts_with(b"![CDATA[") {
        return Some(HtmlEnd::Text("]]>"));
    }
    if let Some(name) = rest.strip_prefix(b"!") {
        return name.first()?.is_ascii_alphabetic().then_some(HtmlEnd::Text(">"));
    }
    let closing = rest.starts_with(b"/");
    let inner = &rest[usize::from(closing)..];
    let length = inner.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let (name, after) = (inner[..length].to_ascii_lowercase(), &inner[length..]);
    let ends_name = after.first().is_none_or(|b| matches!(b, b' ' | b'\t' | b'>'));
    let raw = RAW_TAGS.iter().find(|(tag, _)| tag.as_bytes() == name);
    if let Some((_, end)) = raw.filter(|_| !closing && ends_name) {
        return Some(HtmlEnd::RawTag(end));
    }
    if (ends_name || after.starts_with(b"/>")) && is_block_tag(&name) {
        return Some(HtmlEnd::Blank { interrupts: true });
    }
    let complete = if closing { closing_tag(inner) } else { open_tag(inner) };
    let alone = complete?.iter().all(|b| matches!(b, b' ' | b'\t'));
    alone.then_some(HtmlEnd::Blank { interrupts: false })
}

fn is_block_tag(name: &[u8]) -> bool {
    let short = !name.is_empty() && name.len() <= 10;
    short && BLOCK_TAGS.as_bytes().contains_str([b" ", name, b" "].concat())
}

impl HtmlEnd {
    /// Whether the block ends with the line `text`.
    pub(super) fn is_in(self, text: &[u8]) -> bool {
        match self {
            Self::RawTag(_) => {
                let lower = text.to_ascii_lowercase();
                RAW_TAGS.iter().any(|(_, end)| lower.contains_str(end))
            }
            Self::Text(end) => text.contains_str(end),
            Self::Blank { .. } => false,
        }
    }

    /// The line that ends a block which nothing else ends; `None` where a blank line does.
    pub(super) fn closer(self) -> Option<Vec<u8>> {
        match self {
            Self::RawTag(end) | Self::Text(end) => Some(end.as_bytes().to_vec()),
            Self::Blank { .. } => None,
        }
    }
}

/// What follows the closing tag whose inside (after `</`) `text` begins with.
fn closing_tag(text: &[u8]) -> Option<&[u8]> {
    skip_blanks(tag_name(text)?).strip_prefix(b">")
}

/// What follows the open tag whose inside (after `<`) `text` begins with: name, attributes, optional `/`, `>`.
fn open_tag(text: &[u8]) -> Option<&[u8]> {
    let mut rest = tag_name(text)?;
    loop {
        let next = skip_blanks(rest);
        let next_is_attribute = next
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b':'));
        if next_is_attribute && next.len() < rest.len() {
            rest = attribute(next)?;
        } else {
            return next.strip_prefix(b"/").unwrap_or(next).strip_prefix(b">");
        }
    }
}

fn tag_name(text: &[u8]) -> Option<&[u8]> {
    text.first().filter(|b| b.is_ascii_alphabetic())?;
    let length = text
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    Some(&text[length..])
}

/// What follows the attribute that `text` begins with, its value included.
fn attribute(text: &[u8]) -> Option<&[u8]> {
    let length = text
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(b))
        .count();
    let rest = &text[length..];
    let Some(value) = skip_blanks(rest).strip_prefix(b"=").map(skip_blanks) else {
        return Some(rest);
    };
    match *value.first()? {
        quote @ (b'"' | b'\'') => value[1..].find_byte(quote).map(|end| &value[end + 2..]),
        _ => {
            let length = value.iter().take_while(|b| !b" \t\"'=<>`".contains(b)).count();
            (length > 0).then(|| &value[length..])
        }
    }
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    text.trim_start_with(|c| c == ' ' || c == '\t')
}
