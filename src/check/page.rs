//! The page that explains a rule: its section of docs/checks.md.

/// All pages.
const PAGES: &str = include_str!("../../docs/checks.md");

/// The section about the rule with this code or name; `None` where there is no such rule.
pub fn page(rule: &str) -> Option<&'static str> {
    let rule = super::RULES
        .iter()
        .find(|known| known.code.eq_ignore_ascii_case(rule) || known.name == rule)?;
    let start = PAGES.find(&format!("\n## {} ", rule.code))? + 1;
    let rest = PAGES.get(start..)?;
    let end = rest.find("\n## BW").unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_end())
}
