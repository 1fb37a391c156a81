//! The ways to a remote that people use, as far as one machine has them: ssh by a program that stands in for it, http by git's
//! own server side, and addresses that git rewrites.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{branchwork, on_remote, ready, script, shared_text, try_branchwork, view};
use crate::sandbox::{Sandbox, git_in, run, skip};

/// Runs here what ssh was to run there, and writes down how it was called.
const SSH: &str = "printf '%s\\n' \"$*\" >>\"$HOME/ssh-calls\"\nfor last; do :; done\nexec sh -c \"$last\"";

/// How ssh was called since this was asked last, a line a call.
fn calls(sandbox: &Sandbox) -> Vec<String> {
    let file = sandbox.path("home/ssh-calls");
    let calls = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = std::fs::remove_file(&file);
    calls.lines().map(str::to_owned).collect()
}

/// A story over the remote as it is: push, another clone, sync there and back.
fn story(sandbox: &Sandbox, address: &str) {
    sandbox.git(["remote", "set-url", "origin", address]);
    sandbox.branchwork(["push"]);
    assert_eq!(shared_text(sandbox), sandbox.view());
    assert_eq!(sandbox.id("origin/feat"), sandbox.id("feat"));
    sandbox.git(["clone", "-q", "-b", "feat", address, "../grace"]);
    branchwork(sandbox, "grace", &["create"]);
    assert_eq!(view(sandbox, "grace"), sandbox.view());
    branchwork(
        sandbox,
        "grace",
        &["update", "-q", "--section", "Notes", "--item", "By grace"],
    );
    branchwork(sandbox, "grace", &["sync"]);
    sandbox.commit("b.rs", "b\n", "Add b");
    sandbox.branchwork(["push"]);
    assert!(sandbox.view().contains("- By grace\n"), "{}", sandbox.view());
    assert_eq!(shared_text(sandbox), sandbox.view());
    let said = sandbox.branchwork(["doctor", "--remote"]).stdout;
    assert_eq!(said.matches("\nok ").count(), 4, "{said}");
}

#[test]
fn over_ssh() {
    let mut sandbox = ready();
    std::fs::create_dir(sandbox.path("programs")).unwrap();
    script(&sandbox, "programs/ssh", SSH);
    let programs = sandbox.path("programs");
    sandbox.look_in([programs]);
    let address = format!("ssh://host.invalid{}", sandbox.path("remote.git").display());
    story(&sandbox, &address);
    let ours = calls(&sandbox);
    // The clone is git's own doing. Where there is nobody to ask, ssh asks nobody.
    let batch = |call: &&String| call.starts_with("-o BatchMode=yes ");
    assert_eq!(ours.len() - ours.iter().filter(batch).count(), 1, "{ours:?}");
    assert!(ours.iter().all(|call| call.contains("host.invalid ")), "{ours:?}");
    // The user's own ssh is taken as it is, by the variable or by the configuration.
    let own = script(&sandbox, "own", &SSH.replace("'%s\\n'", "'own %s\\n'"));
    sandbox.git(["config", "core.sshCommand", own.to_str().unwrap()]);
    sandbox.git(["config", "ssh.variant", "simple"]);
    sandbox.branchwork(["sync"]);
    sandbox.branchwork(["push"]);
    let by_configuration = calls(&sandbox);
    assert_eq!(by_configuration.len(), 3, "{by_configuration:?}");
    sandbox.git(["config", "--unset", "core.sshCommand"]);
    let mut sync = sandbox.command(crate::sandbox::binary());
    run(sync.arg("sync").env("GIT_SSH_COMMAND", &own)).ok();
    let by_variable = calls(&sandbox);
    assert_eq!(by_variable.len(), 1, "{by_variable:?}");
    for call in by_configuration.iter().chain(&by_variable) {
        assert!(call.starts_with("own ") && !call.contains("BatchMode"), "{call}");
    }

    // It is gone, and it goes away while git pushes: what came stays, and the next sync sends it.
    sandbox.git(["config", "--unset", "ssh.variant"]);
    sandbox.branchwork(["set", "-q", "risk=high"]);
    for (number, broken) in ["exit 255", "case $last in *receive-pack*) exit 255 ;; esac"]
        .into_iter()
        .enumerate()
    {
        let text = SSH.replace("exec sh", &format!("{broken}\nexec sh"));
        script(&sandbox, "programs/ssh", &text);
        let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
        let start = [
            "error: cannot fetch from 'origin': ",
            "error: cannot push to 'origin': ",
        ][number];
        assert!(failed.starts_with(start), "{failed}");
        let failed = try_branchwork(&sandbox, "repo", &["push"]).code(1).stderr;
        assert!(
            failed.contains("error: 'feat' was not pushed to 'origin'\n"),
            "{failed}"
        );
    }
    script(&sandbox, "programs/ssh", SSH);
    sandbox.branchwork(["push"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn by_addresses_that_git_rewrites() {
    let sandbox = ready();
    // One repository by two ways: one to read, and one to write.
    for way in ["read", "write"] {
        std::os::unix::fs::symlink(sandbox.path(""), sandbox.path(way)).unwrap();
    }
    let way = |way: &str| format!("url.file://{}/", sandbox.path(way).display());
    sandbox.git(["config", "--global", &format!("{}.insteadOf", way("read")), "team:"]);
    sandbox.git([
        "config",
        "--global",
        &format!("{}.pushInsteadOf", way("write")),
        "team:",
    ]);
    story(&sandbox, "team:remote.git");
    std::fs::remove_file(sandbox.path("write")).unwrap();
    sandbox.branchwork(["set", "-q", "risk=high"]);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    assert!(
        failed.starts_with("error: cannot push to 'origin': ") && failed.contains("/write/"),
        "{failed}"
    );
    // By the repository's own settings.
    sandbox.git(["config", &format!("{}remote.pushInsteadOf", way("read")), "team:remote"]);
    sandbox.branchwork(["sync"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
}

#[test]
fn fetched_from_one_place_and_pushed_to_another() {
    let sandbox = ready();
    sandbox.branchwork(["push"]);
    sandbox.git(["init", "-q", "--bare", "../fork.git"]);
    sandbox.git(["remote", "set-url", "--push", "origin", "../fork.git"]);
    let before = on_remote(&sandbox);
    sandbox.commit("c.rs", "c\n", "Add c");
    let connections = super::count_connections(&sandbox);
    let reason = "'origin' does not take the document of 'feat': it is fetched from another place than it is pushed to";
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    assert!(failed.contains(reason), "{failed}");
    let said = sandbox.branchwork(["push"]).stderr;
    assert!(said.contains(reason), "{said}");
    for told in [failed, said] {
        assert!(told.contains("git config --unset-all remote.origin.pushurl"), "{told}");
        assert!(!told.contains("refs/branchwork/*"), "{told}");
    }
    // Once more to be sure, and not again and again.
    assert!(std::fs::read_to_string(connections).unwrap().lines().count() < 10);
    assert_eq!(on_remote(&sandbox), before);
    let heads = super::refs(&sandbox, "fork.git", "refs/heads/");
    assert_eq!(heads, [format!("refs/heads/feat {}", sandbox.id("feat"))]);
}

#[test]
fn pushed_to_two_addresses() {
    let sandbox = ready();
    sandbox.git(["init", "-q", "--bare", "../second.git"]);
    for address in ["../remote.git", "../second.git"] {
        sandbox.git(["config", "--add", "remote.origin.pushurl", address]);
    }
    let there = || super::refs(&sandbox, "second.git", "refs/branchwork/docs/feat/");
    for risk in ["high", "low"] {
        sandbox.branchwork(["set", "-q", &format!("risk={risk}")]);
        sandbox.branchwork(["push"]);
        assert_eq!(
            there(),
            super::refs(&sandbox, "remote.git", "refs/branchwork/docs/feat/")
        );
        assert_eq!(shared_text(&sandbox), sandbox.view());
    }
    std::fs::rename(sandbox.path("second.git"), sandbox.path("moved.git")).unwrap();
    sandbox.commit("c.rs", "c\n", "Add c");
    let failed = try_branchwork(&sandbox, "repo", &["push"]).code(1).stderr;
    assert!(
        failed.contains("error: 'feat' was not pushed to 'origin'\n"),
        "{failed}"
    );
    std::fs::rename(sandbox.path("moved.git"), sandbox.path("second.git")).unwrap();
    sandbox.branchwork(["push"]);
    assert_eq!(super::refs(&sandbox, "second.git", "refs/heads/feat").len(), 1);
}

/// A server for the repositories of a sandbox, on this machine's own address, until it is dropped. Each request is handled by
/// `git http-backend`, as a web server would do it (git-http-backend(1), RFC 3875).
struct Server {
    port: u16,
    state: Arc<State>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct State {
    root: PathBuf,
    backend: PathBuf,
    path: std::ffi::OsString,
    ended: AtomicBool,
    /// Pushes are answered with nothing at all.
    breaks_pushes: AtomicBool,
    requests: AtomicUsize,
}

impl Server {
    /// `None` where git has no such program.
    fn start(sandbox: &Sandbox) -> Option<Self> {
        let folder = sandbox.git(["--exec-path"]).line().to_owned();
        let folder = PathBuf::from(folder);
        let has = |name: &str| folder.join(name).is_file();
        if !has("git-http-backend") || !has("git-remote-http") {
            return None;
        }
        git_in(sandbox, "remote.git", &["config", "http.receivepack", "true"]);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            root: sandbox.path(""),
            backend: folder.join("git-http-backend"),
            path: std::env::var_os("PATH").unwrap_or_default(),
            ended: AtomicBool::new(false),
            breaks_pushes: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.ended.load(Ordering::SeqCst) {
                    break;
                }
                let state = Arc::clone(&shared);
                // A client that goes away is no failure of the server's.
                std::thread::spawn(move || stream.and_then(|stream| state.answer(stream)));
            }
        });
        Some(Self {
            port,
            state,
            thread: Some(thread),
        })
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}/remote.git", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // So that it looks.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

impl State {
    /// One request and its answer; then the connection is closed.
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim().split_once(": ") {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                None => break,
            }
        }
        let header = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        let mut out = stream;
        if header("expect").is_some() {
            out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = match (header("transfer-encoding"), header("content-length")) {
            (Some("chunked"), _) => chunks(&mut reader)?,
            (_, length) => {
                let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
                reader.read_exact(&mut body)?;
                body
            }
        };
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if self.breaks_pushes.load(Ordering::SeqCst) && path.ends_with("/git-receive-pack") {
            return Ok(());
        }
        let mut backend = Command::new(&self.backend);
        backend
            .env_clear()
            .env("PATH", &self.path)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REQUEST_METHOD", method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_LENGTH", body.len().to_string());
        for (name, variable) in [
            ("content-type", "CONTENT_TYPE"),
            ("content-encoding", "HTTP_CONTENT_ENCODING"),
            ("git-protocol", "HTTP_GIT_PROTOCOL"),
        ] {
            backend.envs(header(name).map(|value| (variable, value)));
        }
        let mut child = backend
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut stdin = child.stdin.take().unwrap();
        let fed = std::thread::spawn(move || stdin.write_all(&body));
        let answered = child.wait_with_output()?.stdout;
        let _ = fed.join();
        let end = answered
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or(0);
        let (head, rest) = answered.split_at(end);
        let head = String::from_utf8_lossy(head);
        let status = head
            .lines()
            .find_map(|line| line.strip_prefix("Status: "))
            .unwrap_or("200 OK");
        write!(out, "HTTP/1.1 {status}\r\nConnection: close\r\n{}", head.trim_end())?;
        out.write_all(rest)
    }
}

/// A body that came in pieces, each with its length in front.
fn chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        let start = body.len();
        body.resize(start + length, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut line)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

#[test]
fn over_http() {
    let sandbox = ready();
    let Some(server) = Server::start(&sandbox) else {
        skip("sync over http", "git has no http-backend or no http here");
        return;
    };
    // Whatever stands between this machine and others is not asked.
    sandbox.git(["config", "--global", "http.proxy", ""]);
    story(&sandbox, &server.address());
    assert!(server.state.requests.load(Ordering::SeqCst) > 10);

    // It goes away while git pushes.
    sandbox.branchwork(["set", "-q", "risk=high"]);
    sandbox.commit("c.rs", "c\n", "Add c");
    let before = on_remote(&sandbox);
    server.state.breaks_pushes.store(true, Ordering::SeqCst);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    assert!(failed.starts_with("error: cannot push to 'origin': "), "{failed}");
    let failed = try_branchwork(&sandbox, "repo", &["push"]).code(1).stderr;
    assert!(failed.contains("error: 'feat' was not pushed to 'origin'"), "{failed}");
    assert_eq!(on_remote(&sandbox), before);
    server.state.breaks_pushes.store(false, Ordering::SeqCst);
    sandbox.branchwork(["push"]);
    assert_eq!(shared_text(&sandbox), sandbox.view());
    // And for good.
    drop(server);
    let failed = try_branchwork(&sandbox, "repo", &["sync"]).code(1).stderr;
    assert!(failed.starts_with("error: cannot fetch from 'origin': "), "{failed}");
    assert_eq!(sandbox.git(["status", "--porcelain"]).stdout, "");
}
