# For the scripts beside it, which run in the root: compiles the kernels and kernel_digest.c.
kernels=Sources/CTributaryKernels
flags=(-std=c11 -Wall -Wextra -Werror -I "$kernels/include")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The kernels need the clang of the Swift toolchain (15 or later), which need not be the one that is first in the path.
compiler=$(dirname "$(readlink -f "$(command -v swift || echo /usr/bin/clang)")")/clang
[ -x "$compiler" ] || compiler=clang

# Compiles everything into the folder $1 with the further flags given; one process for each processor.
compile() {
  local to=$1
  shift
  mkdir -p "$to"
  printf '%s\n' "$kernels"/paths/*.c "$kernels"/*.c Tests/KernelCross/kernel_digest.c |
    xargs -P "$(nproc)" -I '{}' sh -c 'to=$1; from=$2; shift 2; exec "$@" -c "$from" -o "$to/$(basename "$from" .c).o"' \
      compile "$to" '{}' "$compiler" "${flags[@]}" "$@"
}
