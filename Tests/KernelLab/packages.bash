# Debian's packages for the lab, fetched by name and unpacked, never installed but for tools that
# the machine lacks. Sourced by lab, which sets $work.
#
# The kernels' archive is that which the machine's own apt sources name for bookworm;
# bookworm-backports is added to it in a configuration of the lab's alone. What is there is not
# fetched again.
# shellcheck shell=bash disable=SC2154

# apt with the lab's sources and lists instead of the machine's: lab_apt get update.
lab_apt() {
    local tool=$1
    shift
    "apt-$tool" -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
        -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"
}

# The sources that the machine has of Debian, a line each, and the backports beside the release.
write_sources() {
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
        --format "deb [signed-by=$keys] \$(REPO_URI) \$(CODENAME) \$(COMPONENT)" |
        sort -u >"$work/apt/own.list"
    sed -n 's/ bookworm main$/ bookworm-backports main/p' "$work/apt/own.list" \
        >"$work/apt/backports.list"
    [[ -s $work/apt/backports.list ]] ||
        die "no apt source of this machine gives Debian's bookworm; is apt-get update done?"
    cat "$work/apt/own.list" "$work/apt/backports.list" >"$work/apt/sources.list"
}

update_lists() {
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    write_sources
    progress "reading the package lists"
    lab_apt get update || die "cannot read the package lists"
}

# The release of the newest cloud kernel of a series: 6.1 gives 6.1.0-56-cloud-amd64.
newest_release() {
    lab_apt cache pkgnames "linux-image-$1." |
        sed -nE 's/^linux-image-([0-9.]+([+~-][a-z0-9.]+)?-cloud-amd64)$/\1/p' |
        sort -V | tail -n 1
}

# What a kernel's modules are compiled with, and the shell of its guest.
packages_of() {
    local release=$1 headers
    headers=linux-headers-$release
    printf '%s\n' "linux-image-$release" "$headers" busybox-static libelf1
    lab_apt cache depends --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances "$headers" |
        sed -nE 's/^ *\|?Depends: *(linux-(headers-.*-common|kbuild-.*))$/\1/p'
}

# fetch SERIES: unpacks the series' newest kernel in $work/SERIES/root, and leaves its release in
# $work/SERIES/release when all is there.
fetch() {
    local directory=$work/$1 release names
    [[ -s $directory/release ]] && return
    [[ -s $work/apt/sources.list ]] || update_lists
    release=$(newest_release "$1")
    [[ -n $release ]] || die "Debian has no linux-image-$1.*-cloud-amd64"
    progress "fetching Linux $release"
    rm -rf "$directory"
    mkdir -p "$directory/packages" "$directory/root"
    packages_of "$release" >"$directory/packages/names"
    mapfile -t names <"$directory/packages/names"
    (cd "$directory/packages" && lab_apt get download "${names[@]}") ||
        die "cannot fetch ${names[*]}"
    local package
    for package in "$directory"/packages/*.deb; do dpkg-deb -x "$package" "$directory/root"; done
    rm -r "$directory/packages"
    printf '%s\n' "$release" >"$directory/release"
}

# install_tools COMMAND:PACKAGE...: installs the packages of the commands that are missing.
install_tools() {
    local pair missing=()
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    ((${#missing[@]} == 0)) && return
    progress "installing ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >"$work/install.log" 2>&1 ||
        die "cannot install ${missing[*]}; see $work/install.log"
}
