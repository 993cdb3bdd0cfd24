#!/usr/bin/env bash
# Promise "same bits", across instruction sets: runs kernel_digest.c on this machine's own paths, then, cross-compiled
# for aarch64, under QEMU's user emulation, where the NEON path is compared with the portable one; the digests of all
# cases must be equal. Installs the cross C library and the emulator by apt where they are missing; where that cannot
# be done, the emulated half is skipped with a word, and the exit status is 0.
set -uo pipefail
cd "$(dirname "$0")/../.."

packages=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
linker=aarch64-linux-gnu-gcc
emulator=qemu-aarch64
source Tests/KernelCross/build.sh

install_packages() {
  command -v apt-get >/dev/null || return 1
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as=(sudo -n)
  fi
  "${as[@]}" apt-get update -qq >/dev/null 2>&1
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
    >/dev/null 2>&1
}

skip() {
  echo "skipped NEON: $1"
  exit 0
}

compile "$work/native" -O2 || exit 1
"$compiler" "$work"/native/*.o -o "$work/native/digest" -pthread -lm || exit 1
if ! "$work/native/digest" >"$work/native.txt"; then
  echo "FAILED paths of this machine"
  exit 1
fi
echo "ok paths of this machine: $(tail -n 1 "$work/native.txt")"

[ "$(uname -m)" = aarch64 ] && skip "this machine runs it itself; for the other side, run this on x86-64"
if ! command -v "$linker" >/dev/null || ! command -v "$emulator" >/dev/null; then
  install_packages || skip "needs ${packages[*]}, which could not be installed"
fi
sysroot=/usr/aarch64-linux-gnu
[ -d "$sysroot/include" ] || skip "no C library for aarch64 in $sysroot"

compile "$work/aarch64" -O2 --target=aarch64-linux-gnu --sysroot="$sysroot" -isystem "$sysroot/include" || exit 1
"$linker" -static "$work"/aarch64/*.o -o "$work/aarch64/digest" -pthread -lm || exit 1
if ! "$emulator" "$work/aarch64/digest" >"$work/aarch64.txt"; then
  echo "FAILED NEON against portable on aarch64"
  exit 1
fi
echo "ok NEON against portable on aarch64: $(tail -n 1 "$work/aarch64.txt")"
if ! diff "$work/native.txt" "$work/aarch64.txt" >"$work/difference.txt"; then
  head -n 40 "$work/difference.txt"
  echo "FAILED digests of $(uname -m) and aarch64 differ"
  exit 1
fi
echo "ok digests of $(uname -m) and aarch64 are equal, $(wc -l <"$work/native.txt") lines"
