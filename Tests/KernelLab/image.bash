# What the guest boots: the exporter, the programs that hold sockets, busybox and kernel modules in
# an initramfs. Sourced by lab, which sets $work, $here and $exporter.
# shellcheck shell=bash disable=SC2154

build_exporter() {
    progress "building the exporter"
    (cd "$here/../.." && swift build -c release --static-swift-stdlib) \
        >"$work/build.log" 2>&1 || die "cannot build the exporter; see $work/build.log"
    exporter=$here/../../.build/release/tcptable_exporter
}

# Statically, for the guest has no library but the exporter's.
build_programs() {
    local program
    mkdir -p "$work/programs"
    for program in hold_states hold_tls hold_lock as_nobody ask_for_metrics; do
        gcc -std=c17 -O1 -static -Wall -Wextra -Werror -o "$work/programs/$program" \
            "$here/sockets/$program.c" "$here/sockets/sockets.c" || die "cannot build $program"
    done
    for program in tcptable_listeners without_rights; do
        gcc -O1 -static -Wall -Wextra -Werror -o "$work/programs/$program" \
            "$here/../Programs/$program/main.c" || die "cannot build $program"
    done
    local products
    products=$(cd "$(dirname "$exporter")" && pwd)
    gcc -std=c17 -O1 -Wall -Wextra -Werror -I"$here/../../Sources/CIPHelper/include" \
        -o "$work/programs/offload_states" "$here/sockets/offload_states.c" \
        -L"$products" -Wl,-rpath,"$products" -lIPHelper || die "cannot build offload_states"
}

# build_modules SERIES RELEASE: the test modules, against headers where they were unpacked: their
# own Makefile names the place where they would be installed. Type information (BTF) would need one
# more tool, and nothing here reads it.
build_modules() {
    local root=$work/$1/root headers=$work/$1/root/usr/src/linux-headers-$2
    rm -rf "$work/$1/modules"
    cp -r "$here/modules" "$work/$1/modules"
    printf 'include %s\n' "$root"/usr/src/linux-headers-*-common/Makefile >"$headers/Makefile"
    LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu make -s -C "$headers" \
        M="$work/$1/modules" CC=gcc CONFIG_DEBUG_INFO_BTF_MODULES= modules \
        >"$work/$1/modules.log" 2>&1 ||
        die "cannot build the test modules for $2; see $work/$1/modules.log"
}

# add_module SERIES RELEASE NAME FILE...: puts modules in the initramfs with what they need, and the
# order in which NAME wants them loaded. What the kernel has built in, or has not, is passed over:
# the programs in the guest prove what is needed.
add_module() {
    local root=$work/$1/root into=$work/$1/initramfs/lab/modules release=$2 name=$3 module path
    shift 3
    for module in "$@"; do
        modprobe -D -d "$root" -S "$release" "$module" 2>/dev/null | sed -n 's/^insmod //p' || true
    done | while read -r path _; do
        module=$(basename "${path%.xz}")
        [[ -e $into/$module ]] || case $path in
        *.xz) xz -dc "$path" >"$into/$module" ;;
        *) cp "$path" "$into/$module" ;;
        esac
        echo "$module"
    done >"$into/$name.order"
}

# The ciphers by the generic, synchronous code: a device's fallback asks for that
# (net/tls/tls_device_fallback.c), and AES with the processor's instructions beside it.
add_modules() {
    local into=$work/$1/initramfs/lab/modules name
    depmod -b "$work/$1/root" "$2"
    mkdir -p "$into"
    add_module "$1" "$2" inet_diag inet_diag
    add_module "$1" "$2" tcp_diag tcp_diag
    add_module "$1" "$2" tls tls
    add_module "$1" "$2" gcm aesni-intel ctr ghash-generic gcm
    add_module "$1" "$2" ccm ccm
    add_module "$1" "$2" chacha20poly1305 \
        chacha_generic chacha-x86_64 poly1305_generic poly1305-x86_64 chacha20poly1305
    for name in lo_tlsdev no_one_walk; do
        cp "$work/$1/modules/$name.ko" "$into/"
        echo "$name.ko" >"$into/$name.order"
    done
}

# What was built, as it is, with the libraries that the loader would find here.
add_products() {
    local library product products
    products=$(dirname "$exporter")
    cp "$exporter" "$1/lab/bin/tcptable_exporter"
    cp "$products/tcptable" "$1/lab/bin/"
    for product in "$exporter" "$products/tcptable" "$work/programs/offload_states"; do
        ldd "$product"
    done | grep -oE '/[^ ]+' | while read -r library; do
        mkdir -p "$1$(dirname "$library")"
        cp -L "$library" "$1$library"
    done
}

# build_image SERIES RELEASE. Not compressed: an emulated processor unpacks slowly.
build_image() {
    local tree=$work/$1/initramfs
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,sbin,dev,proc,sys,run,tmp,lab/bin}
    cp "$work/$1/root/bin/busybox" "$tree/bin/"
    "$tree/bin/busybox" --list | while read -r applet; do
        [[ -e $tree/bin/$applet ]] || ln -s busybox "$tree/bin/$applet"
    done
    cp "$work"/programs/* "$tree/lab/bin/"
    add_products "$tree"
    add_modules "$1" "$2"
    cp "$here/guest/init" "$tree/init"
    chmod -R go+rX "$tree"
    (cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/$1/initramfs.cpio"
}
