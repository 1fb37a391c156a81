//! The command reference is what the program says, the recording is what the demo prints, and no link leads nowhere.

use super::sandbox::{Sandbox, binary, run};

#[test]
fn the_command_reference_is_what_the_program_says() {
    let sandbox = Sandbox::empty();
    let help = |arguments: &[&str]| run(sandbox.command(binary()).args(arguments).arg("--help")).ok().stdout;
    let main = help(&[]);
    let commands: Vec<&str> = main
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 15, "{main}");
    let mut text = String::from(
        "# Commands\n\nMade from the program's own help; `SNAPSHOTS=overwrite cargo test command_reference` makes it anew.\n",
    );
    for command in std::iter::once(&"").chain(&commands) {
        let name = format!("git branchwork {command}");
        let said = if command.is_empty() {
            main.clone()
        } else {
            help(&[command])
        };
        text.push_str(&format!("\n## {}\n\n```text\n{}\n```\n", name.trim(), said.trim_end()));
    }
    super::assert_file("docs/commands.md", &text, str::to_owned);
}

/// What depends on the version of git or on what is not ours is left out of the comparison.
#[test]
fn the_recording_is_what_the_demo_prints() {
    let sandbox = Sandbox::empty();
    let date = "2026-11-22T09:00:00Z";
    let mut demo = sandbox.command(binary());
    demo.arg("demo")
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date);
    let printed = run(&mut demo).ok().stdout;
    let printed: Vec<&str> = printed.lines().collect();
    let picture = std::fs::read_to_string(super::project().join("docs/recording.svg")).unwrap();
    assert!(picture.len() < 60_000);
    let mut lines = 0;
    for element in picture.lines().filter(|line| line.starts_with("<text x=\"22\"")) {
        let shown = without_tags(element);
        lines += 1;
        let elsewhere = ["[…]", "Installed in "].iter().any(|start| shown.starts_with(start));
        assert!(
            elsewhere || printed.contains(&shown.as_str()),
            "docs/make-recording makes it anew: {shown}"
        );
    }
    assert!(lines > 50, "{lines}");
    for line in printed.iter().filter(|line| line.starts_with("$ ")) {
        assert!(
            without_tags(&picture).contains(line),
            "docs/make-recording makes it anew: {line}"
        );
    }
}

fn without_tags(text: &str) -> String {
    let pieces = text
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let text: String = pieces.collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn links_lead_somewhere() {
    let docs = std::fs::read_dir(super::project().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let top = ["README.md", "CHANGELOG.md"].map(|name| super::project().join(name));
    let mut links = 0;
    for page in docs
        .chain(top)
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
    {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with('#') {
                continue;
            }
            links += 1;
            let file = link.split('#').next().unwrap();
            assert!(page.parent().unwrap().join(file).exists(), "{}: {link}", page.display());
        }
    }
    assert!(links > 8, "{links}");
}

/// The list of traps is whole, and each test that it names is there.
#[test]
fn each_trap_is_tested_or_says_why_not() {
    let text = std::fs::read_to_string(super::project().join("docs/hooks.md")).unwrap();
    let (_, list) = text.split_once("\n## Forty traps\n").unwrap();
    let list = list.split("\n## ").next().unwrap();
    let rows = list
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| | "));
    let mut numbers = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').splitn(3, '|').map(str::trim).collect();
        let [number, _, covered] = cells.as_slice() else {
            panic!("{row}")
        };
        numbers.push(number.parse::<u32>().unwrap());
        let tests: Vec<(&str, &str)> = covered.split('`').filter_map(|word| word.split_once("::")).collect();
        for (file, name) in &tests {
            let path = if file.starts_with("src/") {
                (*file).to_owned()
            } else {
                format!("tests/{file}")
            };
            let source = std::fs::read_to_string(super::project().join(path)).unwrap_or_default();
            assert!(
                source.contains(&format!("#[test]\nfn {name}()")),
                "{number}: {file} has no test {name}"
            );
        }
        assert!(!tests.is_empty() || covered.starts_with("Cannot bite: "), "{row}");
    }
    assert_eq!(numbers, (1..=40).collect::<Vec<u32>>());
}
