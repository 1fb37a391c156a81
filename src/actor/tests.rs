//! Who acts, as tables of environments, addresses and trailers.

use super::*;

type Environment<'a> = &'a [(&'a str, &'a str)];

fn lookup<'a>(environment: Environment<'a>) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| {
        let found = environment.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

#[test]
fn names_hold_nothing_that_ends_a_heading() {
    let cases = [
        ("claude", Some("claude")),
        ("@claude", Some("claude")),
        (" Anna  Lee\n", Some("Anna-Lee")),
        ("a]b[c\u{1b}[31m", Some("abc-31m")),
        ("\u{202e}\u{200b}", None),
        ("日本", Some("日本")),
        ("[]", None),
        ("", None),
    ];
    for (text, name) in cases {
        assert_eq!(Actor::new(text).as_ref().map(Actor::as_str), name, "{text:?}");
    }
    assert_eq!(Actor::new(&"x".repeat(1000)).unwrap().as_str().len(), 64);
}

#[test]
fn agents_are_known_by_their_environment() {
    let cases: [(Environment<'_>, Option<&str>); 12] = [
        (&[("CLAUDECODE", "1")], Some("claude")),
        (&[("CLAUDECODE", "")], None),
        (&[("CLAUDECODE", "0")], None),
        (&[("CODEX_SANDBOX", "seatbelt")], Some("codex")),
        (&[("GEMINI_CLI", "1")], Some("gemini")),
        (&[("AGENT", "1"), ("OPENCODE", "1")], Some("opencode")),
        (&[("AGENT", "goose")], Some("goose")),
        (&[("AGENT", "ssh-agent")], None),
        (&[("AI_AGENT", "claude-code@2.1")], Some("claude")),
        (&[("AI_AGENT", "newcomer"), ("CLAUDECODE", "1")], Some("newcomer")),
        (&[("CURSOR_TRACE_ID", "x")], None),
        (&[], None),
    ];
    for (environment, name) in cases {
        let found = Actor::from_environment(&lookup(environment));
        assert_eq!(found.as_ref().map(Actor::as_str), name, "{environment:?}");
    }
}

#[test]
fn the_first_that_is_set_counts() {
    let marked: Environment<'_> = &[("CLAUDECODE", "1")];
    let given: Environment<'_> = &[("CLAUDECODE", "1"), ("BRANCHWORK_ACTOR", "@me")];
    let cases = [
        (given, Some("configured"), Some("a@b.c"), Some("me")),
        (marked, Some("configured"), Some("a@b.c"), Some("configured")),
        (marked, Some(" "), Some("a@b.c"), Some("claude")),
        (
            &[],
            None,
            Some("123+octo-cat@users.noreply.github.com"),
            Some("octo-cat"),
        ),
        (&[], None, Some("octocat@users.noreply.github.com"), Some("octocat")),
        (&[], None, Some("anna.lee+git@example.com"), Some("anna.lee+git")),
        (&[], None, Some("nonsense"), Some("nonsense")),
        (&[], None, Some("@"), None),
        (&[], None, None, None),
    ];
    for (environment, configured, email, name) in cases {
        let found = Actor::resolve(&lookup(environment), configured, email);
        assert_eq!(
            found.as_ref().map(Actor::as_str),
            name,
            "{environment:?} {configured:?} {email:?}"
        );
    }
}

#[test]
fn a_commit_is_its_authors_or_the_agents_that_helped() {
    let with = |trailer: &str| format!("Subject\n\nBody\n\n{trailer}\n");
    let cases = [
        ("anna@example.com", with("Signed-off-by: X <x@y>"), "anna"),
        (
            "anna@example.com",
            with("Co-Authored-By: Claude Opus <NoReply@anthropic.com>"),
            "claude",
        ),
        (
            "anna@example.com",
            with("Co-authored-by: Ben <ben@example.com>"),
            "anna",
        ),
        ("noreply@anthropic.com", String::new(), "claude"),
        ("", String::new(), "Anna-Lee"),
    ];
    for (email, message, name) in cases {
        assert_eq!(
            Actor::of_commit(email, "Anna Lee", &message).as_str(),
            name,
            "{email} {message:?}"
        );
    }
    assert_eq!(Actor::of_commit("", "", "").as_str(), "unknown");
}
