#!/usr/bin/env bash
# Promise "pages lie where they are used", on machines with several NUMA nodes: Linux in QEMU's software emulation, once
# for each file in machines/. In each run the placement checks (Placement/), `tributary topology --verify`, and stress
# and training whose digests must be this machine's. The programs are those of the ordinary release build.
#
# Installs QEMU, busybox and cpio by apt where they are missing, and keeps a stock kernel in .build-numa. Where one of
# these cannot be had, or on another processor than x86-64, the run is skipped with a word, and the exit status is 0.
#
#   Tests/Numa/run.sh [MACHINE …]
set -uo pipefail
cd "$(dirname "$0")/../.."

here=Tests/Numa
cache=.build-numa
limit=300 # seconds for each machine; the longest takes 60 on two shared cores, and 100 beside other work
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

skip() {
  echo "skipped NUMA: $1"
  exit 0
}

give_up() {
  echo "FAILED $1"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
  command -v apt-get >/dev/null || return 1
  as_root true 2>/dev/null || return 1
  as_root apt-get update -qq >/dev/null 2>&1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq \
    --no-install-recommends "$@" >/dev/null 2>&1
}

# Writes the ELF file that a compressed kernel holds; it starts faster, without firmware.
unpack_kernel() {
  local from=$1 to=$2 tool magic offset
  while read -r tool magic; do
    command -v "${tool%%_*}" >/dev/null || continue
    for offset in $(LC_ALL=C grep -abUoP "$magic" "$from" | cut -d : -f 1 | head -n 8); do
      # Each tool complains of what follows the kernel's own data.
      tail -c "+$((offset + 1))" "$from" | ${tool//_/ } >"$to" 2>/dev/null
      [ "$(head -c 4 "$to" | tail -c 3)" = ELF ] && return 0
    done
  done <<'TOOLS'
lz4_-d_-q \x02\x21\x4c\x18
zstd_-d_-q \x28\xb5\x2f\xfd
xz_-d_-q \xfd7zXZ\x00
gzip_-d_-q \x1f\x8b\x08
TOOLS
  rm -f "$to"
  return 1
}

# A stock kernel, from its package without installing it: `linux-image-*-amd64` of Debian, `-virtual` of Ubuntu.
fetch_kernel() {
  local meta package found
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  for meta in linux-image-cloud-amd64 linux-image-amd64 linux-image-virtual; do
    package=$(apt-cache depends "$meta" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
    [ -n "$package" ] || continue
    (cd "$work" && apt-get download -q "$package" >/dev/null 2>&1) || continue
    dpkg-deb -x "$work/$package"_*.deb "$work/kernel" 2>/dev/null || continue
    found=$(find "$work/kernel/boot" -name 'vmlinuz-*' | head -n 1)
    [ -n "$found" ] || continue
    if ! unpack_kernel "$found" "$work/vmlinux"; then cp "$found" "$work/vmlinux"; fi
    mkdir -p "$cache"
    mv "$work/vmlinux" "$cache/vmlinux"
    return 0
  done
  return 1
}

# Copies a program and the shared objects that it needs, each to its own place.
carry() {
  local object
  cp -L "$1" "$work/root/bin/"
  # The debug sections are the larger part of it.
  strip "$work/root/bin/$(basename "$1")" 2>/dev/null
  for object in $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*'); do
    mkdir -p "$work/root$(dirname "$object")"
    cp -L -n "$object" "$work/root$object"
  done
}

# What the machines start with: busybox, the programs with their libraries, the checks, this machine's digests.
make_initramfs() {
  local tool compiler
  mkdir -p "$work"/root/{bin,dev,proc,sys,tmp,machines}
  cp "$here/guest/init" "$work/root/init"
  cp "$here"/machines/*.sh "$work/root/machines/"
  carry "$(command -v busybox)"
  carry .build-test/release/tributary
  carry .build-test/release/numa-placement
  cp -R .build-test/release/Tributary_TributaryData.resources "$work/root/bin/"
  compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
  [ -x "$compiler" ] || compiler=cc
  for tool in exit_port deny_calls; do
    "$compiler" -std=gnu11 -O1 -Wall -Wextra -Werror "$here/guest/$tool.c" -o "$work/${tool/_/-}" || return 1
    carry "$work/${tool/_/-}"
  done
  cp "$work/digests" "$work/root/digests"
  (cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/initramfs"
}

run_machine() {
  local name=$1 status begun=$SECONDS told marker hardware
  hardware=$(. "$here/machines/$name.sh" && hardware)
  # shellcheck disable=SC2086
  timeout --kill-after=5 "$limit" qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -monitor none \
    -M pc -accel tcg,thread=multi $hardware -kernel "$cache/vmlinux" -initrd "$work/initramfs" \
    -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
    -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr numa_balancing=disable tsc=reliable no_timer_check rdinit=/init machine=$name" \
    </dev/null >"$work/raw" 2>&1
  status=$?
  tr -d '\r' <"$work/raw" >"$work/log"
  # Seldom an emulated machine of several processors hangs before its first process: nothing of ours has run then.
  if [ "$status" -eq 124 ] && [ "${2:-first}" = first ] && ! grep -q '^the machine is up' "$work/log"; then
    echo "   $name: did not come up in $limit s; once more"
    run_machine "$name" again
    return
  fi
  grep -E '^(ok|FAILED) ' "$work/log" | sed -E "s/^(ok|FAILED) /&$name: /"
  told=$(grep -cE '^(ok|FAILED) ' "$work/log")
  marker=$(grep '^end of checks: ' "$work/log" | tail -n 1)
  # Both must say so: a machine that dies half way has no marker, one whose lines were lost another count.
  if [ "$status" -eq 33 ] && [ "$marker" = "end of checks: $told run, 0 failed" ] && [ "$told" -gt 0 ]; then
    echo "   $name: $told checks after $((SECONDS - begun)) s"
    return
  fi
  failed=1
  if ! grep -q '^FAILED ' "$work/log" || [ -z "$marker" ]; then
    tail -n 20 "$work/log"
    echo "FAILED $name: the machine ended with status $status, $told checks and ${marker:-no last line}"
  fi
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "the machines are x86-64, and run this machine's programs"
missing=()
command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
command -v busybox >/dev/null || missing+=(busybox-static)
command -v cpio >/dev/null || missing+=(cpio)
[ -e "$cache/vmlinux" ] || command -v lz4 >/dev/null || missing+=(lz4)
if [ ${#missing[@]} -gt 0 ]; then
  install_packages "${missing[@]}" || skip "needs ${missing[*]}, which could not be installed"
fi
[ -e "$cache/vmlinux" ] || fetch_kernel || skip "no package of a Linux kernel could be fetched"

for product in tributary numa-placement; do
  swift build -c release --scratch-path .build-test --product "$product" >"$work/build" 2>&1 ||
    { tail -n 40 "$work/build" && give_up "build of $product"; }
done

program=.build-test/release/tributary
for digest in "stress stress --graphs 40 --threads 1,2" "digits train digits --epochs 1"; do
  # shellcheck disable=SC2086
  found=$($program ${digest#* } | sed -n 's/^digest //p')
  [ -n "$found" ] || give_up "this machine: tributary ${digest#* } has no digest"
  echo "${digest%% *} $found" >>"$work/digests"
done
make_initramfs || give_up "making of the machines' file system"

if [ $# -eq 0 ]; then set -- two four uneven full; fi
for machine; do run_machine "$machine"; done
exit "$failed"
