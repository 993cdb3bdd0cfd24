#!/usr/bin/env bash
# Runs kernel_digest.c under the address and undefined-behaviour sanitizers, on every path of this machine. Every
# operand is a block of its own and exact size, so that a read past an end shows as well as a write. Not optimised: what
# a compiler may take for granted is then still there to be reported, and the vectors' code is quick to compile.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/KernelCross/build.sh

sanitizers=(-O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all)
compile "$work" "${sanitizers[@]}" || exit 1
# The gold linker has a word about each of the sanitizer's own symbols.
"$compiler" "${sanitizers[@]}" "$work"/*.o -o "$work/digest" -pthread -lm 2>"$work/link.txt" ||
  { cat "$work/link.txt"; exit 1; }
if ! "$work/digest" >"$work/digest.txt"; then
  echo "FAILED kernels under sanitizers"
  exit 1
fi
echo "ok kernels under sanitizers: $(tail -n 1 "$work/digest.txt")"
