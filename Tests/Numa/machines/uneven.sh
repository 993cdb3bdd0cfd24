# Nodes 0, 2, 3 and 4: node 1 is gone, 3 has a core and no memory, 4 has memory and no core. (The kernel numbers nodes
# as it meets them, those with cores first, so QEMU's 4 is its 3 and QEMU's 3 its 4.)
#
# Ten processors could be there: with more than eight Linux addresses them one by one. By sets, QEMU 7.2 reaches none
# past the first that is missing.
# shellcheck shell=sh
hardware() {
  echo -cpu max -smp 7,maxcpus=10 -m 1024 \
    -object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,cpus=7-9,memdev=m0 \
    -numa node,nodeid=1,cpus=2-3 \
    -object memory-backend-ram,id=m2,size=384M -numa node,nodeid=2,cpus=4-5,memdev=m2 \
    -object memory-backend-ram,id=m3,size=128M -numa node,nodeid=3,memdev=m3 \
    -numa node,nodeid=4,cpus=6
}

checks() {
  every="spread local interleaved gradients workers homes masks"
  remove 2
  remove 3
  place "bound" topology=0:0,1/2:4,5/3:6!/memory:4 -- env
  # shellcheck disable=SC2086
  place "bound" $every -- env
  verify "bound" env
  # shellcheck disable=SC2086
  place "mbind refused" refused $every -- deny-calls mbind,set_mempolicy
  verify "mbind refused" deny-calls mbind,set_mempolicy
  place "masked to nodes 2 and 3" topology=2:4,5/3:6!/memory:0/memory:4 spread local -- taskset 70
  verify "masked to nodes 2 and 3" taskset 70
  place "masked to node 3, which has no memory" topology=3:6!/memory:0/memory:2/memory:4 spread -- taskset 40
  verify "masked to node 3, which has no memory" taskset 40
  place "grouped to node 2 and the memory of 2 and 4" topology=2:4,5/memory:4 -- within 4-5 2,4
  verify "grouped to node 2 and the memory of 2 and 4" within 4-5 2,4
  same stress "stress" tributary stress --graphs 40 --threads 1,3,8
}
