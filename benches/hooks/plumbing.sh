#!/bin/sh
# The same job with git's own plumbing commands, as one would write it: the yardstick that is easy to build. It keeps a
# document for each branch in a bare repository beside the objects, shows it in a file, logs commits, checks at push.
set -eu
event=${0##*/}
git_dir=$(git rev-parse --absolute-git-dir)
store=$git_dir/plumbing
view=$git_dir/plumbing.md
in_store() { GIT_DIR=$store GIT_INDEX_FILE='' git "$@"; }
[ -d "$store" ] || git init -q --bare "$store"

save() { # branch, subject: saves the view as the branch's next version
    parent=$(in_store rev-parse -q --verify "refs/heads/$1" || :)
    blob=$(in_store hash-object -w --stdin <"$view")
    tree=$(printf '100644 blob %s\tBRANCHWORK.md\n' "$blob" | in_store mktree)
    version=$(in_store commit-tree ${parent:+-p "$parent"} -m "$2" "$tree")
    in_store update-ref "refs/heads/$1" "$version" "$parent"
}

case $event in
post-checkout)
    [ "$3" = 1 ] || exit 0
    branch=$(git symbolic-ref -q --short HEAD) || exit 0
    if in_store cat-file blob "refs/heads/$branch:BRANCHWORK.md" >"$view.new" 2>/dev/null; then
        mv "$view.new" "$view"
    else
        rm -f "$view.new"
        dri=$(git config user.email)
        base=$(git rev-parse -q --verify --abbrev-ref '@{-1}' || echo main)
        {
            printf -- '---\ndate: %s\nstatus: draft\nbranch:\n  name: %s\n  base: %s\n' "$(date -u +%F)" "$branch" "$base"
            printf 'dri: %s\nscope: all\nrisk: low\n---\n\n# [WIP] `%s`\n\n## Updates\n' "${dri%%@*}" "$branch"
        } >"$view"
        save "$branch" "create: $branch"
    fi
    ;;
post-commit)
    branch=$(git symbolic-ref -q --short HEAD) || exit 0
    {
        git log -1 --date=format:'%Y-%m-%d %H:%M' --format='%n### %ad: [@%aN] %s%n<!-- commit %H -->%n%n%b'
        git diff-tree --root --no-commit-id --numstat -r -M HEAD |
            while read -r added removed path; do
                printf -- '- `%s` (+%s/-%s)\n' "$path" "$added" "$removed"
            done
    } >>"$view"
    save "$branch" "log: $(git log -1 --format=%s)"
    ;;
pre-push)
    while read -r local _ _ _; do
        case $local in
        refs/heads/*)
            text=$(in_store cat-file blob "refs/heads/${local#refs/heads/}:BRANCHWORK.md")
            for key in dri scope risk; do
                printf '%s\n' "$text" | grep -q "^$key: ." || exit 1
            done
            ;;
        esac
    done
    ;;
esac
