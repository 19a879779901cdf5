# SPDX-License-Identifier: MIT
# Prints what zsh offers where the given words end, one a line: zsh -f completion.zsh FOLDER LINE. A shell at a terminal of its own completes.
zmodload zsh/zpty || exit 1
zpty shell zsh -f -i
# Calls of compadd that fill arrays of the completion system are no offers. The shell echoes no line and prompts with nothing, and no mark
# stands whole in a line that it may have echoed before.
zpty -w shell "PROMPT= RPROMPT= PS2=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null; fpath=(${(q)1} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -D -u
offer() {
    compadd() {
        if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
            builtin compadd "$@"
            return
        fi
        local -a hits
        builtin compadd -A hits "$@"
        (( $#hits )) && print -rl -- $hits
        builtin compadd "$@"
    }
    print -r -- "BEGIN OF "OFFERS
    _main_complete
    print -r -- "END OF "OFFERS
    compstate[insert]=
    compstate[list]=
}
zle -C offer list-choices offer
bindkey "^X" offer
print "READY TO "OFFER'
zpty -r shell line '*READY TO OFFER*'
zpty -n -w shell "$2"$'\C-X'
zpty -r shell line $'*END OF OFFERS*'
zpty -d shell
print -r -- ${${${line##*BEGIN OF OFFERS}%%END OF OFFERS*}//$'\r'/}
