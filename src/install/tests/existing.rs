//! Hooks that are there already: ours and theirs both run, with the same arguments and input, or theirs is left alone.

use super::*;

/// Feeds `input` to the hook as git would; code and standard output.
fn by_hand(world: &World, event: &str, arguments: &[&str], input: &[u8]) -> (Option<i32>, Vec<u8>) {
    use std::io::Write;
    let text = fs::read(world.hook(event)).unwrap();
    let mut command = Command::new(world.hook(event));
    if !text.starts_with(b"#!") {
        // As git does where the system cannot run the file.
        command = Command::new("/bin/sh");
        command.arg(world.hook(event));
    }
    command
        .args(arguments)
        .current_dir(world.repo(""))
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = spawn(&mut command);
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.status.code(), output.stdout)
}

#[test]
fn theirs_sees_what_it_saw_before() {
    let scripts = [
        ("exit early", "#!/bin/sh\ncat; echo \"$# $*\"; exit 3\necho no\n"),
        ("exec", "#!/bin/sh\nexec cat"),
        ("exec without input", "#!/bin/sh\nexec true\n"),
        (
            "strict",
            "#!/bin/sh\nset -eu\nwhile read -r a b c d; do echo \"$d $c $b $a\"; done\nfalse\necho no\n",
        ),
        (
            "strict from the start",
            "#!/bin/sh -eu\nset | grep -c '^branchwork' || :\ncat\n",
        ),
        (
            "bash",
            "#!/usr/bin/env -S bash -eo pipefail\nmapfile -t lines\nlocal_lines=(\"${lines[@]}\")\necho \"${#local_lines[@]} ${local_lines[0]-}\"\n",
        ),
        (
            "env bash",
            "#!/usr/bin/env bash\nset -euo pipefail\ncat; echo \"${BASH_SOURCE[0]##*/} ${0##*/} $*\"\n",
        ),
        ("no shebang", "cat; echo \"$1\"\n"),
        (
            "no final newline",
            "#!/bin/sh\nread -r first; echo \"$first\"; cat; exit 7",
        ),
        (
            "twice",
            "#!/bin/sh\nin=$(cat; echo x)\nprintf %s \"${in%x}\"\nprintf %s \"${in%x}\"\n",
        ),
    ];
    let line = "refs/heads/x\\n%s 'a' $(id) 0123 refs/heads/\u{e9} 0000\n";
    // More than a pipe holds, and more than one argument or variable may hold; a shell reads a line byte by byte.
    let big = line.repeat(5_000);
    assert!(big.len() > 1 << 17);
    for (name, script) in scripts {
        for event in ["pre-push", "post-rewrite", "post-commit"] {
            let world = World::files();
            executable(&world.hook(event), script);
            fs::set_permissions(world.hook(event), fs::Permissions::from_mode(0o750)).unwrap();
            let inputs: &[&str] = if event == "post-commit" {
                &["", "one\n"]
            } else {
                &["", line, "a\n\n\n", &big]
            };
            let see = |input: &&str| by_hand(&world, event, &["origin", "a  b"], input.as_bytes());
            let alone: Vec<_> = inputs.iter().map(see).collect();
            let before = world.snapshot();
            let report = install(&world.old_target(), &world.program()).unwrap();
            assert_eq!(outcomes(&report), vec![Outcome::Added; 5], "{name}");
            for (input, alone) in inputs.iter().zip(alone) {
                let together = see(input);
                assert!(
                    together == alone,
                    "{name}, {event}: {:?}, not {:?}",
                    together.0,
                    alone.0
                );
                let log = fs::read_to_string(world.path("log")).unwrap();
                let copy: String = if event == "post-commit" { "" } else { input }
                    .split_inclusive('\n')
                    .map(|line| format!("< {line}"))
                    .collect();
                assert!(
                    log == format!("{event} [origin] [a  b]\n{copy}"),
                    "{name}, {event}: {} bytes",
                    log.len()
                );
                world.log();
            }
            assert_eq!(
                outcomes(&install(&world.old_target(), &world.program()).unwrap()),
                vec![Outcome::Unchanged; 5]
            );
            remove(&world.old_target()).unwrap();
            assert_eq!(world.snapshot(), before, "{name}");
        }
    }
}

#[test]
fn a_failed_check_blocks_before_theirs_and_nothing_else_does() {
    let world = World::files();
    executable(&world.hook("pre-push"), "#!/bin/sh\necho theirs\nexit 5\n");
    executable(&world.hook("post-checkout"), "#!/bin/sh -e\necho theirs\n");
    install(&world.old_target(), &world.program()).unwrap();
    for (code, push) in [
        ("0", Some(5)),
        ("1", Some(1)),
        ("2", Some(5)),
        ("101", Some(5)),
        ("127", Some(5)),
    ] {
        fs::write(world.path("code"), code).unwrap();
        assert_eq!(by_hand(&world, "pre-push", &["o", "u"], b"x\n").0, push, "{code}");
        assert_eq!(
            by_hand(&world, "post-checkout", &["o", "u"], b""),
            (Some(0), b"theirs\n".to_vec()),
            "{code}"
        );
    }
    fs::remove_file(world.program()).unwrap();
    assert_eq!(
        by_hand(&world, "pre-push", &["o", "u"], b"x\n"),
        (Some(5), b"theirs\n".to_vec())
    );
    // There, but nothing that could be run.
    executable(&world.program(), "#!/no/such/interpreter\n");
    assert_eq!(
        by_hand(&world, "pre-push", &["o", "u"], b"x\n"),
        (Some(5), b"theirs\n".to_vec())
    );
    assert_eq!(
        by_hand(&world, "post-checkout", &["o", "u"], b""),
        (Some(0), b"theirs\n".to_vec())
    );
}

#[test]
fn a_program_that_reads_nothing_harms_nobody() {
    let world = World::files();
    executable(
        &world.hook("pre-push"),
        "#!/usr/bin/env -S bash -eo pipefail\nhead -c 2\n",
    );
    executable(&world.program(), "#!/bin/sh\nexit 0\n");
    install(&world.old_target(), &world.program()).unwrap();
    let big = "line\n".repeat(1_000_000);
    assert_eq!(
        by_hand(&world, "pre-push", &[], big.as_bytes()),
        (Some(0), b"li".to_vec())
    );
}

#[test]
fn hooks_that_cannot_take_a_block_are_left_as_they_are() {
    let world = World::files();
    let file = |event: &str, text: &str| executable(&world.hook(event), text);
    file("post-checkout", "#!/usr/bin/env node\nconsole.log(1)\n");
    file("post-commit", "#!/bin/sh\r\necho\r\n");
    file(
        "post-merge",
        "#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || exit 2\ngit lfs post-merge \"$@\"\n",
    );
    file(
        "pre-push",
        "#!/bin/sh\ncall_lefthook() { :; }\ncall_lefthook run \"pre-push\" \"$@\"\n",
    );
    fs::write(world.hook("post-rewrite"), "#!/bin/sh\necho asleep\n").unwrap();
    let before = world.snapshot();
    let report = install(&world.old_target(), &world.program()).unwrap();
    let refused = [
        Obstacle::NotShell("#!/usr/bin/env node".into()),
        Obstacle::CarriageReturns,
        Obstacle::NotExecutable,
        Obstacle::Generated(HookManager::GitLfs),
        Obstacle::Generated(HookManager::Lefthook),
    ];
    assert_eq!(outcomes(&report), refused.clone().map(Outcome::Refused));
    let files: Vec<PathBuf> = report
        .snippets
        .iter()
        .filter_map(|snippet| snippet.file.clone())
        .collect();
    let hooks = ["post-checkout", "post-commit", "post-rewrite", "post-merge"].map(|name| world.hook(name));
    assert_eq!(files, [&hooks[..], &[world.repo("lefthook-local.yml")]].concat());
    let state = status(&world.old_target(), &world.program()).unwrap();
    assert_eq!(
        state
            .events
            .iter()
            .map(|event| event.obstacle.clone().unwrap())
            .collect::<Vec<_>>(),
        refused
    );
    assert_eq!(world.snapshot(), before);
    // A link and a folder in the place of a hook.
    for event in Event::ALL {
        fs::remove_file(world.hook(event.name())).unwrap();
        std::os::unix::fs::symlink("../../scripts/hook", world.hook(event.name())).unwrap();
    }
    fs::remove_file(world.hook("pre-push")).unwrap();
    fs::create_dir(world.hook("pre-push")).unwrap();
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!(
        outcomes(&report)[3..],
        [Outcome::Refused(Obstacle::Link), Outcome::Refused(Obstacle::NotAFile)]
    );
    assert!(!world.repo("scripts").exists());
    assert_eq!(remove(&world.old_target()).unwrap(), Removed::default());
}

#[test]
fn pasted_snippets_run_and_are_found() {
    let world = World::files();
    executable(&world.hook("pre-push"), "#!/usr/bin/env node\n");
    let report = install(&world.old_target(), &world.program()).unwrap();
    let [snippet] = report.snippets.as_slice() else {
        panic!("{report:?}")
    };
    let text = snippet
        .text
        .replace("git-branchwork", &format!("\"{}\"", world.program().display()));
    let file = snippet.file.clone().unwrap();
    executable(&file, &format!("#!/bin/sh -e\n{text}printf %s \"$in\" | cat\n"));
    for (code, seen) in [
        ("0", (Some(0), b"x\n".to_vec())),
        ("1", (Some(1), vec![])),
        ("127", (Some(0), b"x\n".to_vec())),
    ] {
        fs::write(world.path("code"), code).unwrap();
        assert_eq!(by_hand(&world, "pre-push", &["o"], b"x\n"), seen, "{code}");
        assert_eq!(world.log(), "pre-push [o]\n< x\n");
    }
    executable(&file, &format!("#!/bin/sh\n{}", snippet.text));
    let in_use = [Line {
        event: Event::PrePush,
        file: file.clone(),
        manager: None,
        reach: Reach::Runs,
    }];
    assert_eq!(
        status(&world.old_target(), &world.program()).unwrap().events[4].lines,
        in_use
    );
    let before = world.snapshot();
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!((&outcomes(&report)[4], report.snippets.len()), (&Outcome::ByHand, 0));
    assert_eq!(report.by_hand, in_use);
    assert_eq!(world.snapshot(), before);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let report = install(&world.old_target(), &world.program()).unwrap();
    assert_eq!(outcomes(&report)[4], Outcome::ByHandNotRun);
    assert_eq!(
        report.by_hand[0].remedy(),
        Some(format!("chmod +x '{}'", file.display()))
    );
    executable(&file, "#!/bin/sh\n# git-branchwork hook pre-push\n");
    assert_eq!(install(&world.old_target(), &world.program()).unwrap().by_hand, []);
}

#[test]
fn a_hook_that_a_manager_moved_is_found_mended_and_removed() {
    let world = World::files();
    let target = world.old_target();
    install(&target, &world.program()).unwrap();
    let generated = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexit 0\n";
    fs::rename(world.hook("pre-push"), world.hook("pre-push.legacy")).unwrap();
    executable(&world.hook("pre-push"), generated);
    fs::rename(world.hook("post-merge"), world.hook("post-merge.old")).unwrap();
    executable(
        &world.hook("post-merge"),
        "#!/bin/sh\ncall_lefthook run \"post-merge\" \"$@\"\n",
    );
    let state = status(&target, &world.program()).unwrap();
    assert_eq!(
        state.events[4].file.as_ref().unwrap().place,
        world.hook("pre-push.legacy")
    );
    assert_eq!(state.events[3].file, None);
    fs::rename(world.program(), world.path("moved")).unwrap();
    let report = install(&target, &world.path("moved")).unwrap();
    assert_eq!(outcomes(&report)[4], Outcome::Updated);
    assert_eq!(
        outcomes(&report)[3],
        Outcome::Refused(Obstacle::Generated(HookManager::Lefthook))
    );
    assert_eq!(remove(&target).unwrap().files.len(), 5);
    assert!(!world.hook("pre-push.legacy").exists() && !world.hook("post-merge.old").exists());
    assert_eq!(fs::read_to_string(world.hook("pre-push")).unwrap(), generated);
}

#[test]
fn what_a_person_wrote_into_our_files_stays() {
    let world = World::files();
    let target = world.old_target();
    install(&target, &world.program()).unwrap();
    let mut text = fs::read_to_string(world.hook("pre-push")).unwrap();
    text.push_str("cat; echo mine\n");
    fs::write(world.hook("pre-push"), &text).unwrap();
    assert_eq!(by_hand(&world, "pre-push", &[], b"x\n").1, b"x\nmine\n");
    // Switched off by its mode: `init` switches on what is all ours.
    fs::set_permissions(world.hook("post-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        outcomes(&install(&target, &world.program()).unwrap())[1],
        Outcome::Updated
    );
    assert_eq!(
        fs::metadata(world.hook("post-commit")).unwrap().permissions().mode() & 0o100,
        0o100
    );
    let damaged = fs::read_to_string(world.hook("post-merge"))
        .unwrap()
        .replace("# <<< git-branchwork <<<\n", "");
    fs::write(world.hook("post-merge"), &damaged).unwrap();
    let removed = remove(&target).unwrap();
    assert!(
        removed
            .files
            .contains(&Removal::Left(world.hook("post-merge"), Obstacle::Damaged)),
        "{removed:?}"
    );
    assert_eq!(fs::read_to_string(world.hook("post-merge")).unwrap(), damaged);
    assert_eq!(
        fs::read_to_string(world.hook("pre-push")).unwrap(),
        "#!/bin/sh\ncat; echo mine\n"
    );
}
