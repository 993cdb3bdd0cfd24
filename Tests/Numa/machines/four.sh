# Four nodes with one core each; a processor without AVX, so the portable kernels.
# shellcheck shell=sh
hardware() {
  echo -cpu qemu64 -smp 4 -m 1280 \
    -object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0,memdev=m0 \
    -object memory-backend-ram,id=m1,size=256M -numa node,nodeid=1,cpus=1,memdev=m1 \
    -object memory-backend-ram,id=m2,size=256M -numa node,nodeid=2,cpus=2,memdev=m2 \
    -object memory-backend-ram,id=m3,size=256M -numa node,nodeid=3,cpus=3,memdev=m3
}

checks() {
  every="spread local interleaved gradients workers homes masks"
  place "bound" topology=0:0/1:1/2:2/3:3 -- env
  # shellcheck disable=SC2086
  place "bound" $every -- env
  verify "bound" env
  # shellcheck disable=SC2086
  place "mbind refused" refused $every -- deny-calls mbind,set_mempolicy
  verify "mbind refused" deny-calls mbind,set_mempolicy
  place "masked to nodes 1 and 2" topology=1:1/2:2/memory:0/memory:3 spread local interleaved -- taskset 6
  verify "masked to nodes 1 and 2" taskset 6
  says "portable kernels" 0 "^kernel path *portable" tributary topology
  same stress "stress on portable kernels" tributary stress --graphs 40 --threads 1,2,4
}
