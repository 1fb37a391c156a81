#!/bin/sh
# Builds git-branchwork and installs it for one user. Needs nothing but a POSIX shell, git and cargo.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${HOME:-}/.local
binary=
demo=no
init=no
action=install

usage() {
    cat <<'END'
usage: ./install.sh [--prefix DIR] [--binary FILE] [--demo] [--here]
       ./install.sh --uninstall [--prefix DIR]

  --prefix DIR   install below DIR instead of ~/.local
  --binary FILE  install this program instead of building it
  --demo         then show it at work in a temporary repository
  --here         then run 'git branchwork init' in the repository that you are in
  --uninstall    remove what was installed; hooks and documents of repositories stay
END
}

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

while [ $# -gt 0 ]; do
    case $1 in
    --prefix | --binary)
        [ $# -gt 1 ] && [ -n "$2" ] || fail "$1 needs a value" 2
        if [ "$1" = --prefix ]; then prefix=$2; else binary=$2; fi
        shift
        ;;
    --prefix=?*) prefix=${1#*=} ;;
    --binary=?*) binary=${1#*=} ;;
    --demo) demo=yes ;;
    --here) init=yes ;;
    --uninstall) action=uninstall ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        fail "unknown option '$1'" 2
        ;;
    esac
    shift
done

[ "$prefix" != /.local ] || fail 'HOME is not set; say where to install: ./install.sh --prefix DIR'
case $prefix in
/*) ;;
*) prefix=$(pwd)/$prefix ;;
esac

bin=$prefix/bin
man=$prefix/share/man/man1
bash_completions=$prefix/share/bash-completion/completions
zsh_completions=$prefix/share/zsh/site-functions
fish_completions=$prefix/share/fish/vendor_completions.d
fish_start=$prefix/share/fish/vendor_conf.d

# What is installed, one path a line.
installed() {
    printf '%s\n' "$bin/git-branchwork" "$bash_completions/git-branchwork" "$zsh_completions/_git-branchwork" \
        "$fish_completions/git-branchwork.fish" "$fish_start/git-branchwork.fish"
    for page in "$man"/git-branchwork.1 "$man"/git-branchwork-*.1; do
        [ ! -e "$page" ] || printf '%s\n' "$page"
    done
}

uninstall() {
    found=no
    while IFS= read -r file; do
        [ -e "$file" ] || continue
        rm -f "$file"
        found=yes
    done <<END
$(installed)
END
    # Each of them with those above it, as far as nothing else is there; never the prefix itself.
    for folder in "$bin" "$man" "$bash_completions" "$zsh_completions" "$fish_completions" "$fish_start"; do
        (cd "$prefix" 2>/dev/null && rmdir -p "${folder#"$prefix"/}" 2>/dev/null) || :
    done
    [ "$found" = yes ] || fail "nothing of git-branchwork is below '$prefix'"
    echo "Removed git-branchwork from '$prefix'."
    echo "Hooks that call it let git go on. To take them out of a repository, run 'git branchwork deinit' there before."
}

# Whether a program can be linked without shared libraries, which makes every hook start a third of a millisecond sooner.
can_link_static() {
    case $1 in
    *-linux-gnu) ;;
    *) return 1 ;;
    esac
    archive=$(cc -print-file-name=libc.a 2>/dev/null) && [ -f "$archive" ]
}

# Builds the program and sets $binary to it.
build() {
    command -v cargo >/dev/null 2>&1 ||
        fail 'cargo is not there; install Rust from https://rustup.rs (or your package manager), then run this again'
    command -v cc >/dev/null 2>&1 || fail 'there is no C linker (cc); install gcc or clang, then run this again'
    host=$(rustc -vV | sed -n 's/^host: //p') && [ -n "$host" ] || fail 'rustc does not run; see its message above'
    flags=${RUSTFLAGS:-}
    if can_link_static "$host"; then
        flags="$flags -C target-feature=+crt-static -C relocation-model=static"
    fi
    target=${CARGO_TARGET_DIR:-$here/target}
    echo "Building git-branchwork; this takes some minutes."
    # With --target, the flags do not reach build scripts and macros, which cannot be linked this way.
    (cd "$here" && RUSTFLAGS=$flags cargo build --quiet --locked --release --bin git-branchwork \
        --target "$host" --target-dir "$target") || fail 'the build failed; see the message above'
    binary=$target/$host/release/git-branchwork
}

# Copies beside the place and renames, so that a program that is running now is not written into.
put() {
    rm -f "$2.new"
    { cp "$1" "$2.new" && chmod "$3" "$2.new" && mv -f "$2.new" "$2"; } || fail "cannot write '$2'"
}

install_files() {
    [ -f "$binary" ] || fail "there is no program '$binary'"
    "$binary" --version >/dev/null || fail "'$binary' does not run"
    mkdir -p "$bin" "$man" "$bash_completions" "$zsh_completions" "$fish_completions" "$fish_start" ||
        fail "cannot write below '$prefix'; choose another place: ./install.sh --prefix DIR"
    work=$(mktemp -d) || fail 'cannot make a temporary folder'
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    "$binary" man --to "$work"
    for shell in bash zsh fish; do
        "$binary" completions "$shell" >"$work/$shell"
    done
    put "$binary" "$bin/git-branchwork" 755
    rm -f "$man"/git-branchwork.1 "$man"/git-branchwork-*.1
    for page in "$work"/*.1; do
        put "$page" "$man/${page##*/}" 644
    done
    put "$work/bash" "$bash_completions/git-branchwork" 644
    put "$work/zsh" "$zsh_completions/_git-branchwork" 644
    put "$work/fish" "$fish_completions/git-branchwork.fish" 644
    # When git is completed, fish loads nothing of ours by itself.
    sed -n '/^# Connects it/,$p' "$work/fish" >"$work/fish-start"
    put "$work/fish-start" "$fish_start/git-branchwork.fish" 644
    echo "Installed $("$bin/git-branchwork" --version) in '$bin', with manual pages and completions."
}

tell_path() {
    case :${PATH:-}: in
    *:"$bin":*)
        first=$(command -v git-branchwork) || first=
        [ "$first" = "$bin/git-branchwork" ] ||
            echo "Note: PATH leads to another git-branchwork first: '$first'."
        ;;
    *)
        echo "'$bin' is not on PATH. Add this line to ~/.profile (or your shell's start file), then open a new shell:"
        echo "    export PATH=\"$bin:\$PATH\""
        ;;
    esac
    # zsh looks for completions in fpath only.
    case ${SHELL:-} in
    */zsh)
        echo "For completion in zsh, add this line to ~/.zshrc, above compinit:"
        echo "    fpath=(\"$zsh_completions\" \$fpath)"
        ;;
    esac
}

if [ "$action" = uninstall ]; then
    uninstall
    exit
fi
command -v git >/dev/null 2>&1 || fail 'git is not there; install it first: https://git-scm.com/downloads'
[ -n "$binary" ] || build
install_files
tell_path
if [ "$init" = yes ]; then
    "$bin/git-branchwork" init
fi
if [ "$demo" = yes ]; then
    echo
    "$bin/git-branchwork" demo
elif [ "$init" = no ]; then
    echo "Next, in a repository of yours: git branchwork init"
fi
