# without_hooks [WORD…]: git runs no hook while the words are run, or from here on until with_hooks, whether hooks are files or
# configuration.
without_hooks() {
    export GIT_CONFIG_COUNT=5 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null
    export GIT_CONFIG_KEY_1=hook.branchwork.post-checkout.enabled GIT_CONFIG_VALUE_1=false
    export GIT_CONFIG_KEY_2=hook.branchwork.post-commit.enabled GIT_CONFIG_VALUE_2=false
    export GIT_CONFIG_KEY_3=hook.branchwork.post-rewrite.enabled GIT_CONFIG_VALUE_3=false
    export GIT_CONFIG_KEY_4=hook.branchwork.post-merge.enabled GIT_CONFIG_VALUE_4=false
    [ $# -eq 0 ] && return
    "$@"
    with_hooks
}
with_hooks() {
    unset GIT_CONFIG_COUNT
}

