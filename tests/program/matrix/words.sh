# The words in which stories are told. They run in $ROOT/repo or, where TREE says so, in a linked work tree beside it.
# Not here: the stories, and what has to hold after them.
set -eu
ROOT=${ROOT:-$(mktemp -d)} HOOKS=${HOOKS:-on} TREE=${TREE:-repo}
export HOME="$ROOT/home" GIT_CONFIG_GLOBAL="$ROOT/gitconfig" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC GIT_TERMINAL_PROMPT=0
export GIT_EDITOR="sh '$ROOT/message'" GIT_SEQUENCE_EDITOR="sh '$ROOT/todo'" FILTER_BRANCH_SQUELCH_WARNING=1

# clock SECONDS: what time it is, for authors, committers and documents.
clock() {
    now=$1
    export GIT_AUTHOR_DATE="@$now +0000" GIT_COMMITTER_DATE="@$now +0000"
}

# tick: a minute passes.
tick() {
    clock $((now + 60))
}

# put FILE LINE SUBJECT: a commit that adds a line to a file.
put() {
    printf '%s\n' "$2" >>"$1"
    git add "$1"
    git commit -q -m "$3"
}

# commits SUBJECT…: commits a minute apart, each with a file of its own.
commits() {
    for subject do
        tick
        put "$subject" "$subject" "$subject"
    done
}

# stops COMMAND…: a command that is to stop, at a conflict or where its todo list says so.
stops() {
    if "$@" >"$ROOT/stopped" 2>&1; then
        echo "did not stop: $*" >&2
        exit 1
    fi
}

# document [BRANCH…]: these branches, or the one that is checked out, have their documents from here on. Hooks have made them.
document() {
    [ "$HOOKS" = off ] || return 0
    read -r head <.git/HEAD
    [ $# -gt 0 ] || set -- "${head#ref: refs/heads/}"
    for branch do
        if [ -d ".git/branchwork/refs/branchwork/docs/$branch" ]; then
            git-branchwork refresh -q -b "$branch"
        else
            git-branchwork create -q -b "$branch"
        fi
    done
}

# by_hand TITLE…: writes a line above and one below what the entries of these titles say.
by_hand() {
    titles=$(printf '%s\n' "$@")
    TITLES=$titles SAID="$ROOT/by-hand" awk '
        BEGIN { wanted = split(ENVIRON["TITLES"], titles, "\n") }
        function say(where) {
            line = "By hand " where " " inside (count[inside] > 1 ? " (" count[inside] ")" : "")
            print line
            print line >>ENVIRON["SAID"]
        }
        function leave() {
            if (inside != "") { say("below"); print ""; inside = "" }
        }
        /^##/ { leave() }
        { print }
        /^### / {
            for (i = 1; i <= wanted; i++) {
                title = titles[i]
                if (substr($0, length($0) - length(title) - 1) == "] " title) inside = title
            }
            if (inside != "") {
                count[inside]++
                if ((getline) > 0) print
                print ""; say("above")
            }
        }
        END {
            leave()
            for (i = 1; i <= wanted; i++) if (!count[titles[i]]) exit 1
        }
    ' .branchwork/CURRENT.md >"$ROOT/view"
    cat "$ROOT/view" >.branchwork/CURRENT.md
}

# A repository on `main` with one pushed commit, and its remote.
if [ ! -d "$ROOT/repo" ]; then
    mkdir "$ROOT/home" "$ROOT/repo"
    cat >"$ROOT/gitconfig" <<'END'
[user]
	name = Ada
	email = ada@example.com
[init]
	defaultBranch = main
	templateDir =
[advice]
	detachedHead = false
[gc]
	auto = 0
[maintenance]
	auto = false
END
    cd "$ROOT/repo"
    clock 1756493700
    git init -q --bare ../remote.git
    git init -q
    git remote add origin ../remote.git
    put README 'read me' Begin
    git push -q -u origin main
    [ "$HOOKS" = off ] || git branchwork init
fi
# The editors: TODO is a sed script for the todo list of a rebase, MESSAGE is the whole message.
cat >"$ROOT/todo" <<'END'
if [ "${TODO:-}" ]; then sed "$TODO" "$1" >"$1.new" && mv "$1.new" "$1"; fi
END
cat >"$ROOT/message" <<'END'
if [ "${MESSAGE:-}" ]; then printf '%s\n' "$MESSAGE" >"$1"; fi
END
if [ -f "$ROOT/now" ]; then
    # A story that was begun goes on, in a copy of what there was.
    read -r now <"$ROOT/now"
    clock "$now"
    cd "$ROOT/$TREE"
    # In the middle of a conflict that says so.
    git update-index -q --refresh >/dev/null || :
else
    clock 1756493700
    cd "$ROOT/repo"
    if [ "$TREE" != repo ]; then
        git checkout -q --detach
        git worktree add -q "../$TREE" main
        cd "../$TREE"
    fi
fi
