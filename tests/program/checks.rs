//! The pages of docs/checks.md, run: each example of something bad gets the message that stands below it, and is mended by the
//! command that stands there.

use crate::hostile::{as_nobody, give_away};
use crate::sandbox::{Run, Sandbox, binary, run_with};

const PAGES: &str = include_str!("../../docs/checks.md");

/// A page: its code and its fences, each with the words behind its backquotes.
struct Page {
    code: String,
    fences: Vec<(String, String)>,
}

impl Page {
    fn fence(&self, info: &str) -> Option<&str> {
        let found = self.fences.iter().find(|(known, _)| known == info);
        found.map(|(_, text)| text.as_str())
    }
}

fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in PAGES.replace('\r', "").lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some((_, text)), None) => text.push_str(&format!("{line}\n")),
            (Some(_), Some(_)) => {
                let fence = open.take().unwrap();
                pages.last_mut().unwrap().fences.push(fence);
            }
            (None, None) => {
                if let Some(heading) = line.strip_prefix("## BW") {
                    let (code, _) = heading.split_once(' ').unwrap();
                    pages.push(Page {
                        code: format!("BW{code}"),
                        fences: Vec::new(),
                    });
                }
            }
        }
    }
    pages
}

/// A branch whose document has nothing wrong.
fn on_good_branch() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit("src/a.rs", "a\n", "Add a");
    sandbox.branchwork(["set", "scope=indexer", "risk=low"]);
    assert_eq!(sandbox.branchwork(["check"]).stderr, "Nothing is missing\n");
    sandbox
}

/// What makes the world such that the example is wrong.
fn prepare(sandbox: &Sandbox, page: &Page) {
    if page.code == "BW007" {
        sandbox.git(["branch", "bare"]);
    }
    if let Some(policy) = page.fence("yaml policy") {
        sandbox.write(".branchwork.yml", policy);
    }
    let mut view = sandbox.view();
    for line in page.fence("yaml document").unwrap_or_default().lines() {
        view = with_key(&view, line);
    }
    if let Some(section) = page.fence("markdown document") {
        // No scanner is to take the page, or this file, for a leak.
        let section = match page.code.as_str() {
            // Before the entry of the branch's own commit.
            "BW021" => format!("## Updates\n\n{section}\n{}", entries_of(&view)),
            _ => section.to_owned(),
        };
        view = with_section(&view, &section.replace("ghp_…", &format!("ghp_{}", "aB3".repeat(12))));
    }
    if page.code == "BW023" {
        view = with_section(&view, &format!("## Notes\n\n- {}\n", "long ".repeat(240_000)));
    }
    if view != sandbox.view() {
        sandbox.write(".branchwork/CURRENT.md", view);
    }
}

fn entries_of(document: &str) -> &str {
    let (_, updates) = document.split_once("\n## Updates\n\n").unwrap();
    &updates[..updates.find("\n## ").unwrap()]
}

/// As editors record it.
fn record_pull_request(sandbox: &Sandbox) {
    sandbox.git(["remote", "set-url", "origin", "https://github.com/ada/tools.git"]);
    sandbox.git(["config", "branch.feat.github-pr-owner-number", "ada#tools#47"]);
}

/// The line in the place of the one with its key; at the end of the front matter where there is none.
fn with_key(document: &str, line: &str) -> String {
    let key = format!("{}:", line.split(':').next().unwrap());
    let (front, body) = document[4..].split_once("\n---\n").unwrap();
    let mut lines: Vec<&str> = front.lines().collect();
    match lines.iter().position(|known| known.starts_with(&key)) {
        Some(at) => lines[at] = line,
        None => lines.push(line),
    }
    format!("---\n{}\n---\n{body}", lines.join("\n"))
}

/// The same where the key's own lines stand below it.
fn with_key_and_its_own(document: &str, line: &str) -> String {
    let line = line.trim_end();
    let key = line.split(':').next().unwrap();
    let (before, rest) = document.split_once(&format!("\n{key}:")).unwrap();
    let below = rest.lines().skip(1).take_while(|line| line.starts_with(' ')).count();
    let after: Vec<&str> = rest.lines().skip(1 + below).collect();
    format!("{before}\n{line}\n{}\n", after.join("\n"))
}

/// The text in the place of the section that its first line is the heading of.
fn with_section(document: &str, section: &str) -> String {
    let heading = section.lines().next().unwrap();
    let (before, rest) = document.split_once(&format!("\n{heading}\n")).unwrap();
    let after = rest.find("\n## ").map_or("", |at| &rest[at..]);
    format!("{before}\n{}{after}", section)
}

/// The check that says what is wrong. What commands correct before they look is seen where they cannot write; `None` where
/// that cannot be had.
fn prepared<'a>(sandbox: &'a Sandbox, page: &Page) -> Option<Box<dyn Fn() -> Run + 'a>> {
    let code = page.code.as_str();
    match code {
        "BW004" => {
            let document = with_key_and_its_own(&sandbox.view(), page.fence("yaml document").unwrap());
            let body = format!("<!-- branchwork:begin -->\n{document}\n<!-- branchwork:end -->\n");
            Some(Box::new(move || {
                let mut command = sandbox.command(binary());
                command.current_dir(sandbox.repo());
                run_with(
                    command.args(["check", "-b", "feat", "--from-pr-body", "-"]),
                    body.as_bytes(),
                )
            }))
        }
        "BW012" | "BW015" => {
            let view = with_key_and_its_own(&sandbox.view(), page.fence("yaml document").unwrap());
            sandbox.write(".branchwork/CURRENT.md", view);
            sandbox.git(["config", "branch.feat.gh-merge-base", "main"]);
            if code == "BW015" {
                record_pull_request(sandbox);
            }
            let line = "chmod -R a-w .git/branchwork && git-branchwork check";
            give_away(sandbox);
            let said = as_nobody(sandbox, line)?;
            Some(Box::new(move || said.clone()))
        }
        _ => {
            prepare(sandbox, page);
            let branch = if code == "BW007" { "bare" } else { "feat" };
            Some(Box::new(move || sandbox.try_branchwork(["check", "-b", branch])))
        }
    }
}

#[test]
fn each_page_is_what_the_program_says() {
    let pages = pages();
    let mut mended = 0;
    for page in &pages {
        let expected = page.fence("text message").expect("each page has an example");
        let sandbox = on_good_branch();
        let Some(check) = prepared(&sandbox, page) else {
            continue;
        };
        let said = check();
        let mut rest = said.stderr.as_str();
        for line in expected.lines() {
            let (_, after) = rest
                .split_once(line)
                .unwrap_or_else(|| panic!("{}: no '{line}' in\n{}", page.code, said.stderr));
            rest = after;
        }
        let blocks = said.stderr.contains("error[");
        assert_eq!(said.code, i32::from(blocks), "{}", said.stderr);
        let others = said.stderr.matches("[BW").count() - said.stderr.matches(&format!("[{}]", page.code)).count();
        let more_is_required = ["BW013", "BW014"].contains(&page.code.as_str());
        assert!(others == 0 || more_is_required, "{}", said.stderr);
        if let Some(command) = page.fence("sh fix") {
            sandbox.shell(command).ok();
            let after = check();
            assert!(!after.stderr.contains(&page.code), "{}", after.stderr);
            mended += 1;
        }
        if page.code == "BW022" {
            assert!(!format!("{said:?}").contains("aB3aB3"), "{}", said.stderr);
        }
    }
    assert!(pages.len() == 24 && mended > 10, "{} {mended}", pages.len());
}

#[test]
fn a_page_is_printed() {
    let sandbox = Sandbox::empty();
    let page = sandbox.branchwork(["check", "--explain", "bw007"]).stdout;
    assert!(
        page.starts_with("## BW007 no-document: a branch has no document\n\nBlocks"),
        "{page}"
    );
    assert!(page.ends_with("```\n") && !page.contains("BW008"), "{page}");
    assert_eq!(sandbox.branchwork(["check", "--explain", "no-document"]).stdout, page);
    let run = sandbox.try_branchwork(["check", "--explain", "BW99"]).code(2);
    assert!(
        run.stderr.starts_with("error: there is no check 'BW99'\nhint: "),
        "{}",
        run.stderr
    );
    sandbox.try_branchwork(["check", "--explain", "BW007", "--all"]).code(2);
}

#[test]
fn what_is_derived_is_mended_and_told() {
    let sandbox = on_good_branch();
    sandbox.git(["config", "branch.feat.gh-merge-base", "main"]);
    record_pull_request(&sandbox);
    let mut view = sandbox.view();
    for line in ["date: 29.8.2025 18:55", "  position: 2", "  total: 3", "risk: Low"] {
        view = with_key(&view, line);
    }
    sandbox.write(".branchwork/CURRENT.md", view);
    let run = sandbox.try_branchwork(["check", "--fix"]).code(1);
    let told: Vec<&str> = run
        .stderr
        .lines()
        .take_while(|line| !line.starts_with("error"))
        .collect();
    assert_eq!(
        told,
        [
            "'date' was '29.8.2025 18:55' and is '2025-08-29 18:55 UTC' now (feat)",
            "'pr' was missing and is '47' now (feat)",
            "'branch.position' was '2' and is '1' now (feat)",
            "'branch.total' was '3' and is '1' now (feat)",
            "Updates and the stack are up to date now (feat)",
        ]
    );
    // Which risk is meant is for a person to say.
    assert!(
        run.stderr.contains("error[BW003]: 'Low' is not allowed for 'risk'"),
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.view(), sandbox.stored("feat").unwrap());
    sandbox.branchwork(["set", "risk=low"]);
    assert_eq!(sandbox.branchwork(["check", "--fix"]).stderr, "Nothing is missing\n");
    assert_eq!(
        sandbox.branchwork(["check", "--all", "--fix"]).stderr,
        "Nothing is missing\n"
    );
}

#[test]
fn what_looks_like_a_secret_is_never_said_again() {
    let sandbox = on_good_branch();
    let token = format!("ghp_{}", "aB3".repeat(12));
    let mut view = sandbox.view();
    for line in [
        format!("risk: {token}"),
        format!("branch.x: [{token}"),
        format!("pr: {token}"),
    ] {
        view = with_key(&view, &line);
        sandbox.write(".branchwork/CURRENT.md", &view);
        for arguments in [&["check"][..], &["check", "--json"], &["check", "--fix"]] {
            let run = sandbox.try_branchwork(arguments);
            assert!(!run.stdout.contains("aB3") && !run.stderr.contains("aB3"), "{run:?}");
        }
        let push = sandbox.try_git(["push", "origin", "feat"]).code(1);
        assert!(!push.stderr.contains("aB3"), "{}", push.stderr);
    }
    // Nor suggested, from a commit or a list of files, nor shown where the policy has one.
    let sandbox = Sandbox::new();
    sandbox.git(["switch", "-q", "-c", "feat"]);
    sandbox.commit(
        &format!("src/{token}/a.rs"),
        "a\n",
        &format!("feat({token}, store): Add a"),
    );
    sandbox.write(
        ".branchwork.yml",
        format!("tokn: {token}\n{token}: 1\nrules: [{{require: [ticket], because: {token}}}]\n"),
    );
    let body = format!(
        "<!-- branchwork:begin -->\n{}\n<!-- branchwork:end -->\n",
        sandbox.view()
    );
    sandbox.write("body", body);
    for line in [
        "git-branchwork check",
        "git-branchwork check --json",
        "git-branchwork check --from-pr-body body",
        "git-branchwork doctor",
        "git add -f .branchwork.yml && git commit -q -m Rules && git push origin feat",
        "CLAUDECODE=1 git push origin feat",
    ] {
        let run = sandbox.shell(line).code(1);
        assert!(!run.stdout.contains("aB3") && !run.stderr.contains("aB3"), "{run:?}");
        let suggests = !line.ends_with("body") && !line.ends_with("doctor");
        assert!(!suggests || format!("{run:?}").contains("scope=store"), "{run:?}");
    }
}

/// A document may hold more that is wrong than anybody reads.
#[test]
fn a_thousand_problems_are_told_in_bounds() {
    let sandbox = on_good_branch();
    let mut text = sandbox.view();
    text.push_str(&"\n## Twice\n".repeat(5_000));
    let run = run_with(
        sandbox
            .command(crate::sandbox::binary())
            .args(["check", "--json", "--file", "-"]),
        text.as_bytes(),
    );
    let problems: serde_json::Value = serde_json::from_str(&run.ok().stdout).unwrap();
    assert_eq!(problems.as_array().unwrap().len(), 100);
}
