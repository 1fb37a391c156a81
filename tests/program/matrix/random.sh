# More words, for long random stories: each takes numbers, and whatever state it finds it makes something of them.
# Not here: which of them follow each other, and what has to hold.
exec 3>"$ROOT/log"
: >"$ROOT/removed"

# under_way: what git is in the middle of.
under_way() {
    folder=$(git rev-parse --absolute-git-dir)
    if [ -d "$folder/rebase-merge" ] || [ -d "$folder/rebase-apply" ]; then echo rebase
    elif [ -f "$folder/CHERRY_PICK_HEAD" ]; then echo cherry-pick
    elif [ -f "$folder/REVERT_HEAD" ]; then echo revert
    elif [ -f "$folder/MERGE_HEAD" ]; then echo merge
    elif [ -d "$folder/sequencer" ]; then echo cherry-pick
    fi
}

# try continue|skip|abort COMMAND…: where git stops, it goes on in this way; in the end nothing is under way.
try() {
    how=$1; shift
    "$@" >&3 2>&1 && [ ! "$(under_way)" ] && return
    rounds=8
    while what=$(under_way); [ "$what" ] && [ $rounds -gt 0 ]; do
        rounds=$((rounds - 1))
        case $how in
        continue) git add -A; git "$what" --continue >&3 2>&1 || : ;;
        *) git "$what" "--$how" >&3 2>&1 || : ;;
        esac
    done
    what=$(under_way)
    [ ! "$what" ] || git "$what" --abort >&3 2>&1 || git "$what" --quit >&3 2>&1 || :
    git reset -q --hard
}

# Branches are chosen by number, commits by how far they are back, at most to the fork point from the trunk.
branch_of() {
    git for-each-ref --format='%(refname:short)' refs/heads | awk -v n="$1" '{ all[NR] = $0 } END { print all[n % NR + 1] }'
}
back() {
    echo $(($1 % ($(git rev-list --count --first-parent main..HEAD) + 1)))
}
# fork: where the branch left the one that it was made from, or the trunk. Below that is work of others, which is not rewritten.
fork() {
    base=$(cat "$ROOT/base-$(here)")
    git show-ref -q --verify "refs/heads/$base" || base=main
    git merge-base "$base" HEAD
}
here() {
    git symbolic-ref -q --short HEAD || git rev-parse HEAD
}

work() { # N SUBJECT
    if [ $(($1 % 5)) -eq 0 ]; then echo "$1" >>shared; git add shared; fi
    put "file$1" "$1" "$2" 2>&3
}
amend_message() { git commit -q --amend --allow-empty -m "$1" 2>&3; }
amend_content() { echo "$1" >"more$1"; git add "more$1"; git commit -q --amend --no-edit 2>&3; }
amend_date() { git commit -q --amend --allow-empty --no-edit --date "@$((now + $1)) +0000" 2>&3; }
amend_author() { git commit -q --amend --allow-empty --no-edit --author 'Bob <bob@example.com>' 2>&3; }
plumbing() { git update-ref HEAD "$(git commit-tree -p HEAD -m "$1" 'HEAD^{tree}')"; }
amend() {
    if [ "$(fork)" != "$(git rev-parse HEAD)" ]; then "amend_$1" "$2"; fi
}

rebase() { # HOW N OPTION…
    how=$1 onto=$(branch_of "$2"); shift 2
    try "$how" git rebase -q "$@" "$onto"
}
rebase_interactive() { # HOW TODO SUBJECT
    how=$1; export TODO="$2" MESSAGE="$3"
    try "$how" git rebase -q -i --force-rebase "$(fork)"
    unset TODO MESSAGE
}
reset_hard() { git reset -q --hard "HEAD~$(back "$1")"; }
reset_soft() { # N SUBJECT
    git reset -q --soft "HEAD~$(back "$1")"
    git commit -q --allow-empty -m "$2" 2>&3
}
undo() { # N: to where the branch was N movements ago, where there is such a time.
    branch=$(here)
    if git rev-parse -q --verify "$branch@{$1}" >&3 2>&1; then git reset -q --hard "$branch@{$1}"; fi
}
pick() { # HOW N OPTION…: a commit of some branch
    how=$1 from=$(branch_of "$2"); shift 2
    try "$how" git cherry-pick "$@" "$from"
}
revert() { # HOW N
    if [ "$(git rev-list --count main..HEAD)" -gt 0 ]; then try "$1" git revert --no-edit "HEAD~$(($2 % $(git rev-list --count --first-parent main..HEAD)))"; fi
}
merge() { # HOW
    try "$1" git merge -q --no-ff --no-edit main
}
merge_squash() { # HOW N SUBJECT
    try "$1" git merge -q --squash "$(branch_of "$2")"
    git diff --cached --quiet || git commit -q -m "$3" 2>&3
}
# Nobody works on the trunk.
switch() {
    branch=$(branch_of "$1")
    [ "$branch" = main ] || git switch -q "$branch" 2>&3
}
branch() { # NAME [main]
    echo "${2:-$(git symbolic-ref -q --short HEAD)}" >"$ROOT/base-$1"
    git switch -q -c "$@" 2>&3
}
rename() {
    cp "$ROOT/base-$(here)" "$ROOT/base-$1"
    git branch -m "$1"
}
remove() {
    [ "$(here)" != "$1" ] && git show-ref -q --verify "refs/heads/$1" || return 0
    git reflog show --format=%H "refs/heads/$1" >>"$ROOT/removed"
    git branch -q -D "$1"
}
trunk() { # N
    branch=$(here)
    git switch -q main 2>&3
    put "trunk$1" "$1" "trunk $1"
    git switch -q "$branch" 2>&3
}
detached() { # N SUBJECT
    branch=$(here)
    git switch -q --detach
    work "$1" "$2"
    git switch -q -C "$branch" 2>&3
}

# by_hand_somewhere N LINE: a line by hand somewhere below the Decisions, in whatever document is shown.
by_hand_somewhere() {
    view=.branchwork/CURRENT.md
    [ -f $view ] || return 0
    awk -v n="$1" -v line="$2" '
        { all[NR] = $0 }
        /^## Decisions/ { from = NR }
        END {
            at = from + n % (NR - from)
            for (i = 1; i <= NR; i++) { print all[i]; if (i == at) print "\n" line "\n" }
        }' $view >"$ROOT/view"
    cat "$ROOT/view" >$view
    echo "$2" >>"$ROOT/by-hand"
}
by_command() { # LINE COMMAND…
    line=$1; shift
    # On the trunk there is no document.
    if git branchwork "$@" >&3 2>&1; then echo "$line" >>"$ROOT/by-hand"; fi
}

# holds STEP COMMAND…: keeps for later what has to be looked at now; `COMMAND` is how the document is brought up to date.
holds() {
    folder="$ROOT/steps/$1"; shift
    store=$(git rev-parse --git-common-dir)/branchwork
    mkdir -p "$folder"
    # A branch that was made without hooks has none yet.
    git branchwork "$@" >&3 2>&1 || git branchwork create >&3 2>&1
    git --git-dir "$store" for-each-ref --format='%(refname):BRANCHWORK.md %(refname)' refs/branchwork/docs refs/branchwork/ended |
        git --git-dir "$store" cat-file --batch='%(rest) %(objectsize)' >"$folder/documents"
    cp .branchwork/CURRENT.md "$folder/view"
    cp "$ROOT/by-hand" "$folder/by-hand" 2>&3 || :
    branch=$(here)
    base=$(git branchwork get branch.base)
    echo "$branch" >"$folder/branch"
    git rev-list HEAD >"$folder/all"
    # What the base has had is not its own; where that was renamed or removed, neither is what any other branch has had.
    if git show-ref -q --verify "refs/heads/$base"; then
        git reflog show --format=%H "refs/heads/$base"
    else
        git for-each-ref --format='%(refname)' refs/heads | grep -v -x "refs/heads/$branch" |
            while read -r other; do git reflog show --format=%H "$other"; done
        cat "$ROOT/removed"
    fi | sort -u >"$folder/others"
    { echo HEAD; echo ^main; sed 's/^/^/' "$folder/others"; } | git log --stdin --format='%H %an %at %s' >"$folder/own"
    # Nor is what was made of it by a rebase.
    [ ! -s "$folder/others" ] || { cat "$folder/others"; echo ^main; } | git log --stdin --format='%an %at %s' >"$folder/theirs"
}
