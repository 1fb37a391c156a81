//! Our sections in config files of all kinds: what goes in comes out byte for byte.

use super::*;

fn put(text: &[u8], program: &str) -> Vec<u8> {
    with_hooks(text, Path::new(program)).unwrap().unwrap()
}

const FILES: [&[u8]; 14] = [
    b"",
    b"\n",
    b"[core]\n\tbare = false\n",
    b"[core]\n\tbare = false",
    b"[core]\r\n\tbare = false\r\n",
    b"\xef\xbb\xbf[core]\n\tbare = false\n\n\n",
    b"# only a comment",
    b"[a]\n\tx = \"[hook \\\"branchwork.post-commit\\\"]\" ; [hook \"branchwork.post-commit\"]\n",
    b"[a]\n\tx = 1 \\\n[hook \"branchwork.post-commit\"]\n",
    b"[includeIf \"gitdir:~/x/\"]\n\tpath = \xff\xfe\n[hook \"mine\"]\n\tcommand = true\n\tevent = post-commit\n",
    b"[hook \"branchwork\"]\n\tcommand = true\n[hook \"branchwork.post-commits\"]\n\tcommand = true\n",
    b"[hook \"BRANCHWORK.post-commit\"]\n\tcommand = true\n",
    b"stray = 1\n[a] b = 2\n  [c] [d]\n\te\n",
    b"[a]\n\tb = c\n# the end",
];

#[test]
fn what_goes_in_comes_out() {
    for text in FILES {
        let shown = String::from_utf8_lossy(text);
        assert_eq!(without_hooks(text), Ok(None), "{shown}");
        let with = put(text, "/a b/it's");
        assert!(with.starts_with(text), "{shown}");
        assert_eq!(with_hooks(&with, Path::new("/a b/it's")), Ok(None), "{shown}");
        assert_eq!(without_hooks(&with).unwrap().as_deref(), Some(text), "{shown}");
        let moved = put(&with, "/moved");
        assert_eq!(moved, put(text, "/moved"), "{shown}");
        assert_eq!(
            configured(&moved, Event::PrePush).unwrap().unwrap().program,
            Some("/moved".into()),
            "{shown}"
        );
    }
}

#[test]
fn what_came_after_us_stays() {
    for text in FILES {
        let with = put(text, "/p");
        let feed: &[u8] = if with.ends_with(b"\n") { b"" } else { b"\n" };
        let later: &[u8] = b"# mine\n[alias]\n\tst = status\n";
        let both = [&with, feed, later].concat();
        assert_eq!(without_hooks(&both).unwrap().unwrap(), [text, feed, later].concat());
        assert_eq!(with_hooks(&both, Path::new("/p")), Ok(None));
    }
}

#[test]
fn what_a_person_wrote_into_a_section_is_kept_by_init_and_goes_with_deinit() {
    let with = put(b"[core]\n", "/p");
    let text = String::from_utf8(with).unwrap();
    let edited = text.replace(
        "\tevent = post-commit\n",
        "\tevent = post-commit\n\t# off\n\tEnabled = no ; for now\n",
    );
    assert_eq!(with_hooks(edited.as_bytes(), Path::new("/p")), Ok(None));
    let moved = put(edited.as_bytes(), "/q");
    let moved_text = String::from_utf8_lossy(&moved);
    assert!(
        moved_text.contains("\tevent = post-commit\n\tEnabled = no ; for now\n"),
        "{moved_text}"
    );
    assert_eq!(without_hooks(&moved).unwrap().unwrap(), b"[core]\n");
    assert_eq!(without_hooks(edited.as_bytes()).unwrap().unwrap(), b"[core]\n");
}

#[test]
fn sections_in_any_spelling_are_ours() {
    for ours in [
        "[hook \"branchwork.post-commit\"]\n\tcommand = x\n",
        "[HOOK   \"branchwork.post-\\commit\"] command = x\n",
        "[hook.branchwork.post-commit]\n\tcommand = \"x\n",
        "\t[hook \"branchwork.post-commit\"] # ours\n\tevent\n\tcommand = x \\\n  y\n",
        "[hook \"branchwork.post-commit\"]\n",
        "[hook \"branchwork.post-commit\"]\n\tevent = post-commit\n[hook \"branchwork.pre-push\"]\n\n\tevent = z\n",
    ] {
        let text = format!("[a]\n{ours}; b\n[b]\n\tc = d\n");
        match without_hooks(text.as_bytes()) {
            Ok(cut) => assert_eq!(
                String::from_utf8(cut.unwrap()).unwrap(),
                "[a]\n; b\n[b]\n\tc = d\n",
                "{ours}"
            ),
            Err(line) => assert!(ours.contains("\"x\n") && line == Unreadable(3), "{ours}"),
        }
    }
    let one_line = b"[a] [hook \"branchwork.pre-push\"] [c] d = e\n";
    assert_eq!(without_hooks(one_line).unwrap().unwrap(), b"[a][c] d = e\n");
    let twice = [put(b"", "/p"), put(b"", "/p")].concat();
    assert_eq!(put(&twice, "/p"), put(b"", "/p"));
}

#[test]
fn commands_come_back() {
    for path in ["/p", "/it's", "/a\"b\\c", "/line\nfeed", "/ #;x ", "/日本"] {
        let with = put(b"", path);
        for event in Event::ALL {
            let found = configured(&with, event).unwrap().unwrap();
            assert_eq!(
                found,
                Configured {
                    program: Some(path.into())
                },
                "{path}"
            );
        }
    }
    let edited = b"[hook \"branchwork.pre-push\"]\n\tcommand = my own\n";
    assert_eq!(configured(edited, Event::PrePush).unwrap().unwrap().program, None);
    assert_eq!(configured(edited, Event::PostMerge), Ok(None));
}

#[test]
fn what_git_cannot_read_is_named_by_its_line() {
    for (text, line) in [
        ("[a]\n[b\n", 2),
        ("[a \"b]\n", 1),
        ("[a \"b\" ]\n", 1),
        ("[a]\n\tb = \"c\n", 2),
        ("[a]\n\tb = \\x\n", 2),
        ("[a]\n\tb : c\n", 2),
        ("[a]\n\n\t= c\n", 3),
        ("[a]\n\tb = c \\", 2),
        ("<<<<<<< HEAD\n", 1),
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err(), Unreadable(line), "{text}");
    }
}

/// A deterministic stream of numbers (xorshift64).
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % 1000) as usize
}

#[test]
fn any_text_of_config_pieces_comes_back() {
    const PIECES: [&[u8]; 18] = [
        b"[a]",
        b"[hook \"x\"]",
        b"[",
        b"]",
        b"\n",
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"key",
        b"=",
        b"\"",
        b"\\",
        b"#",
        b";",
        b"[hook \"branchwork.post-commit",
        b"\xff",
        b"value",
    ];
    let (mut state, mut readable) = (7, 0);
    for _ in 0..20_000 {
        let count = random(&mut state) % 12;
        let text: Vec<u8> = (0..count)
            .flat_map(|_| PIECES[random(&mut state) % PIECES.len()].iter().copied())
            .collect();
        let Ok(cut) = without_hooks(&text) else {
            continue;
        };
        readable += 1;
        let with = put(&text, "/p");
        let shown = String::from_utf8_lossy(&text);
        assert_eq!(
            without_hooks(&with).unwrap(),
            Some(cut.unwrap_or(text.clone())),
            "{shown}"
        );
        assert_eq!(with_hooks(&with, Path::new("/p")), Ok(None), "{shown}");
    }
    assert!(readable > 2_000, "{readable}");
}

#[test]
fn a_big_file_takes_linear_time() {
    let text = b"[a \"b\"]\n\tc = d\n".repeat(300_000);
    assert_eq!(without_hooks(&put(&text, "/p")).unwrap().unwrap(), text);
}
