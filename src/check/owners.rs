//! Who owns which paths: a CODEOWNERS file by GitHub's rules
//! (<https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>).
//!
//! The last pattern that matches a path decides, also where it names nobody. Patterns are those of gitignore(5) without `!`,
//! `[ ]` and `\#`, and `docs/*` does not reach into folders. Not here: where the file is, and who of the owners is suggested.

/// Where GitHub looks for the file, in this order; the first that is there counts.
pub(crate) const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];
/// Larger files are not read by GitHub.
const LARGEST: usize = 3 * 1024 * 1024;
/// How many comparisons are made before it is given up: 0.1 s. A file that anybody can write must not hold up a push.
const MOST_WORK: usize = 5_000_000;

/// Who owns what.
pub(crate) struct Owners<'a> {
    rules: Vec<Rule<'a>>,
}

struct Rule<'a> {
    pattern: Pattern<'a>,
    owners: Vec<&'a str>,
}

struct Pattern<'a> {
    /// Between its slashes; `**` is any number of folders.
    parts: Vec<&'a str>,
    /// It has to end where the path ends, for it is about files of one folder.
    whole: bool,
}

impl<'a> Owners<'a> {
    /// Reads the file. A line that cannot be understood is passed over, as GitHub does.
    pub(crate) fn parse(text: &'a str) -> Self {
        let text = if text.len() > LARGEST { "" } else { text };
        Self {
            rules: text.lines().filter_map(rule).collect(),
        }
    }

    /// The owners of each of `paths`; `None` where that would take too long.
    pub(crate) fn of<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Option<Vec<&[&'a str]>> {
        let mut work = 0;
        let mut found = Vec::new();
        for path in paths {
            let parts: Vec<&str> = path.split('/').collect();
            for rule in self.rules.iter().rev() {
                let matches = rule.pattern.matches(&parts, &mut work);
                if work > MOST_WORK {
                    return None;
                }
                if matches {
                    found.push(rule.owners.as_slice());
                    break;
                }
            }
        }
        Some(found)
    }
}

fn rule(line: &str) -> Option<Rule<'_>> {
    let line = line.split_once('#').map_or(line, |(before, _)| before);
    let mut words = line.split_whitespace();
    let pattern = words.next()?;
    // Not allowed there; `[` also begins a section of GitLab's.
    if pattern.contains(['!', '[', ']', '\\']) {
        return None;
    }
    let inner = pattern.trim_start_matches('/').trim_end_matches('/');
    let mut parts: Vec<&str> = inner.split('/').filter(|part| !part.is_empty()).collect();
    let anchored = pattern.starts_with('/') || parts.len() > 1;
    let whole = parts.len() > 1 && parts.last() == Some(&"*");
    if !anchored {
        parts.insert(0, "**");
    }
    Some(Rule {
        pattern: Pattern { parts, whole },
        owners: words.collect(),
    })
}

impl Pattern<'_> {
    /// Whether it matches a path or a folder that the path is in. `here[at]`: what was looked at of the pattern can end
    /// before the path's part `at`.
    fn matches(&self, path: &[&str], work: &mut usize) -> bool {
        let mut here = vec![false; path.len() + 1];
        here[0] = true;
        for part in &self.parts {
            let mut next = vec![false; path.len() + 1];
            for at in 0..=path.len() {
                *work += 1;
                if *part == "**" {
                    next[at] = here[at] || at > 0 && next[at - 1];
                } else if at > 0 && here[at - 1] {
                    next[at] = match part.contains(['*', '?']) {
                        false => *part == path[at - 1],
                        true => {
                            *work += part.len() * path[at - 1].len();
                            is_like(part.as_bytes(), path[at - 1].as_bytes())
                        }
                    };
                }
            }
            if !next.contains(&true) || *work > MOST_WORK {
                return false;
            }
            here = next;
        }
        match self.whole {
            true => here[path.len()],
            false => here[1..].contains(&true),
        }
    }
}

/// Whether a name is what a part of a pattern describes: `?` is one byte of it, `*` any number. Where it goes wrong, the last
/// `*` takes one byte more; those before it need not be looked at again.
fn is_like(part: &[u8], name: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while here < name.len() {
        match part.get(at) {
            Some(b'*') => {
                star = Some((at + 1, here));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[here] => {
                at += 1;
                here += 1;
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                (at, here) = (behind, taken + 1);
            }
        }
    }
    part[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of GitHub's page, and what it says of them.
    #[test]
    fn patterns_are_those_of_github() {
        for (pattern, path, owned) in [
            ("*", "a", true),
            ("*", "a/b/c.rs", true),
            ("*.js", "x.js", true),
            ("*.js", "a/b/x.js", true),
            ("*.js", "x.ts", false),
            ("/build/logs/", "build/logs/a/b", true),
            ("/build/logs/", "x/build/logs/a", false),
            ("docs/*", "docs/getting-started.md", true),
            ("docs/*", "docs/build-app/troubleshooting.md", false),
            ("docs/*", "x/docs/a.md", false),
            ("apps/", "apps/a", true),
            ("apps/", "x/apps/a/b", true),
            ("apps/", "x/applications/a", false),
            ("/docs/", "docs/a/b", true),
            ("/docs/", "x/docs/a", false),
            ("/scripts/", "scripts/a.sh", true),
            ("**/logs", "build/logs/a", true),
            ("**/logs", "deeply/nested/logs/a/b", true),
            ("**/logs", "logs/a", true),
            ("/apps/github", "apps/github/a", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b/c", true),
            ("a/**/b", "x/a/b", false),
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/a/b.rs", false),
            ("src/**", "src/a/b.rs", true),
            ("README.md", "docs/README.md", true),
            ("/README.md", "docs/README.md", false),
            ("Docs/", "docs/a", false),
        ] {
            let text = format!("{pattern} @ada");
            let owners = Owners::parse(&text);
            let found = owners.of([path]).unwrap();
            assert_eq!(found == [&["@ada"]], owned, "{pattern} {path}");
        }
    }

    #[test]
    fn names_are_matched_whole() {
        for (part, name, like) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("*a?", "aab", true),
            ("*a?", "ba", false),
            ("a**", "a", true),
            ("?", "", false),
            ("*.rs", ".rs.rs", true),
        ] {
            assert_eq!(is_like(part.as_bytes(), name.as_bytes()), like, "{part} {name}");
        }
    }

    #[test]
    fn the_last_match_decides_and_odd_lines_are_passed_over() {
        let text = "* @global # everybody\n\n# *.rs @comment\n*.rs @rust rust@example.com @org/team\n/src/free/\n!*.rs @not\n\
                    [Section] @gitlab\n\\#x @escaped\n*.go @go";
        let owners = Owners::parse(text);
        let of = |path: &str| owners.of([path]).unwrap().concat();
        assert_eq!(of("a.rs"), ["@rust", "rust@example.com", "@org/team"]);
        assert_eq!(of("src/free/a.rs"), Vec::<&str>::new());
        assert_eq!(of("README"), ["@global"]);
        assert_eq!(of("a.go"), ["@go"]);
        assert!(Owners::parse("").of(["a"]).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_would_take_long_is_given_up() {
        let slow = format!("{} @x\n", "*a".repeat(500)).repeat(2_000);
        let path = "a".repeat(1_000) + "b";
        assert!(Owners::parse(&slow).of([path.as_str()]).is_none());
        let deep = format!("{} @x\n", "**/".repeat(5_000)).repeat(100);
        let path = "a/".repeat(2_000);
        assert!(Owners::parse(&deep).of([path.as_str(); 100]).is_none());
        let large = "* @x\n".repeat(LARGEST / 4);
        assert!(Owners::parse(&large).of(["a"]).unwrap().is_empty());
    }
}
