# Shared by the scripts: installs what is missing, as root or by sudo. Sourced, not run.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
lack() { say "cannot go on: $*"; exit 5; }

# Runs a command as root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A right to install: root, or sudo. sudo may ask for its password once, where somebody is there.
need_root() {
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null 2>&1 || lack "not root, and sudo is not installed"
    sudo -n true 2>/dev/null && return
    if [ -t 0 ]; then sudo -v || lack "sudo refused"; fi
    sudo -n true 2>/dev/null ||
        lack "sudo asks for a password; allow $(id -un) to use sudo without one, or run this as root"
}

# need_packages COMMAND-OR-FILE=PACKAGE ...: installs the packages whose command or file is missing.
need_packages() {
    local missing=() pair
    for pair in "$@"; do
        local what=${pair%%=*} package=${pair#*=}
        case $what in
            /*) compgen -G "$what" >/dev/null || missing+=("$package") ;;
            *) command -v "$what" >/dev/null 2>&1 || missing+=("$package") ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null 2>&1 || lack "no apt-get here; please install: ${missing[*]}"
    need_root
    say "installing: ${missing[*]}"
    # Of Postfix only the programs are wanted: without a configuration its service does not start.
    case " ${missing[*]} " in
        *" postfix "*)
            echo "postfix postfix/main_mailer_type select No configuration" |
                as_root debconf-set-selections
            ;;
    esac
    local log
    log=$(mktemp)
    if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        lack "apt-get could not install ${missing[*]} (log: $log)"
    fi
    rm -f "$log"
}

# True where rustc is there and at least as new as $1.
rust_suffices() {
    local found
    found=$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)
    [ -n "$found" ] && [ "$(printf '%s\n%s\n' "$1" "$found" | sort -V | head -n 1)" = "$1" ]
}

# A Rust toolchain that is new enough: the one on PATH, else Debian's rustc-web and cargo-web.
need_rust() {
    local wanted
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if [ -d "$HOME/.cargo/bin" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
    rust_suffices "$wanted" && return
    need_root
    say "installing: cargo-web rustc-web (Rust $wanted or newer)"
    as_root apt-get update >/dev/null 2>&1 || true
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends cargo-web rustc-web >/dev/null 2>&1 || true
    hash -r
    rust_suffices "$wanted" ||
        lack "Rust $wanted or newer is needed and Debian has none here; install it with rustup"
}

# What the program and its tests need of Debian.
need_all() {
    need_packages sudo=sudo age=age openssl=openssl curl=curl python3=python3 cc=build-essential \
        psql=postgresql-client "/usr/lib/postgresql/*/bin/initdb=postgresql" \
        /usr/share/edict/edict=edict /usr/share/edict/enamdict=enamdict \
        /usr/share/edict/kanjidic=kanjidic \
        /usr/sbin/postfix=postfix /usr/sbin/saslpasswd2=sasl2-bin "$@"
    if [ "$(id -u)" -ne 0 ]; then need_root; fi
    need_rust
}

# True where memory and this folder have plenty of room, and programs run from it: the tests of whole
# runs make and drop some hundred thousand files, which a folder in memory does quickest.
roomy() {
    local gib trial
    for gib in "$(awk '$1 == "MemAvailable:" { print int($2 / 1048576) }' /proc/meminfo)" \
        "$(df -k --output=avail "$1" 2>/dev/null | awk 'NR == 2 { print int($1 / 1048576) }')"; do
        [ "${gib:-0}" -ge 12 ] || return
    done
    trial=$(mktemp -p "$1" 2>/dev/null) || return
    printf '#!/bin/sh\n' >"$trial" && chmod 755 "$trial" && "$trial"
    local status=$?
    rm -f "$trial"
    return $status
}
