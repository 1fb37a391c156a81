//! install.sh with a program that is built already; building it takes minutes and is the README's first command.

use std::collections::BTreeSet;
use std::path::Path;

use super::sandbox::{Run, Sandbox, binary, run};

fn install(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let script = super::project().join("install.sh");
    run(sandbox
        .command("sh")
        .arg(script)
        .arg("--binary")
        .arg(binary())
        .args(arguments))
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn installs_into_the_home_folder_and_out_again() {
    let sandbox = Sandbox::without_hooks();
    let home = sandbox.path("home");
    for round in ["first", "again"] {
        let said = install(&sandbox, &[]).ok().stdout;
        assert!(
            said.contains(&format!("export PATH=\"{}/.local/bin:$PATH\"", home.display())),
            "{round}: {said}"
        );
        let installed = files(&home.join(".local"));
        for file in [
            "bin/git-branchwork",
            "share/man/man1/git-branchwork.1",
            "share/man/man1/git-branchwork-check.1",
            "share/bash-completion/completions/git-branchwork",
            "share/zsh/site-functions/_git-branchwork",
            "share/fish/vendor_completions.d/git-branchwork.fish",
            "share/fish/vendor_conf.d/git-branchwork.fish",
        ] {
            assert!(installed.contains(file), "{round}: {file} is not in {installed:?}");
        }
        assert!(installed.iter().all(|file| !file.ends_with(".new")), "{installed:?}");
    }
    let own = home.join(".local/bin/git-branchwork");
    assert!(
        run(sandbox.command(own).arg("--version"))
            .ok()
            .stdout
            .starts_with("git-branchwork ")
    );
    std::fs::write(home.join(".local/bin/other"), "").unwrap();
    install(&sandbox, &["--uninstall"]).ok();
    assert_eq!(files(&home), BTreeSet::from([".local/bin/other".to_owned()]));
    assert!(!home.join(".local/share").exists(), "what is empty goes too");
    let nothing = install(&sandbox, &["--uninstall"]).code(1);
    assert!(
        nothing.stderr.contains("nothing of git-branchwork is below"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn installs_the_hooks_where_it_is_called_and_plays_the_demo() {
    let sandbox = Sandbox::without_hooks();
    let said = install(&sandbox, &["--prefix", "../a place", "--here", "--demo"]).ok();
    assert!(
        said.stdout.contains("$ git push -u origin feat/parallel-indexing"),
        "{}",
        said.stdout
    );
    sandbox.git(["switch", "-q", "-c", "feat/a"]);
    assert!(sandbox.view().contains("feat/a"), "{}", said.stderr);
    assert!(sandbox.path("a place/bin/git-branchwork").is_file());
}

#[test]
fn says_what_it_cannot_do() {
    let sandbox = Sandbox::empty();
    assert!(
        install(&sandbox, &["--prefx", "x"])
            .code(2)
            .stderr
            .contains("unknown option '--prefx'")
    );
    assert!(
        install(&sandbox, &["--prefix"])
            .code(2)
            .stderr
            .contains("--prefix needs a value")
    );
    assert!(
        install(&sandbox, &["--binary", "/nowhere/x"])
            .code(1)
            .stderr
            .contains("there is no program '/nowhere/x'")
    );
    assert!(
        install(&sandbox, &["--help"])
            .ok()
            .stdout
            .starts_with("usage: ./install.sh")
    );
    let script = super::project().join("install.sh");
    let homeless = run(sandbox.command("sh").arg(&script).env_remove("HOME")).code(1);
    assert!(homeless.stderr.contains("HOME is not set"), "{}", homeless.stderr);
    if Path::new("/usr/bin/cargo").exists() || Path::new("/bin/cargo").exists() {
        eprintln!("not tested without cargo: it is in the system's own folder");
        return;
    }
    let without_cargo = run(sandbox.command("sh").arg(&script).env("PATH", "/usr/bin:/bin")).code(1);
    assert!(
        without_cargo.stderr.contains("install Rust from https://rustup.rs"),
        "{}",
        without_cargo.stderr
    );
    assert_eq!(without_cargo.stderr.lines().count(), 1, "{}", without_cargo.stderr);
}
