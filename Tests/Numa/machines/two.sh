# Two nodes with two cores each; AVX2.
# shellcheck shell=sh
hardware() {
  echo -cpu max -smp 4 -m 896 \
    -object memory-backend-ram,id=m0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=m0 \
    -object memory-backend-ram,id=m1,size=384M -numa node,nodeid=1,cpus=2-3,memdev=m1 \
    -numa dist,src=0,dst=1,val=21
}

checks() {
  every="spread local interleaved gradients workers homes masks"
  place "bound" topology=0:0,1/1:2,3 -- env
  # shellcheck disable=SC2086
  place "bound" $every -- env
  place "without huge pages" spread interleaved -- env TRIBUTARY_HUGE_PAGES=0
  verify "bound" env
  # As containers have it. What cannot be bound is touched first by a thread on the node.
  # shellcheck disable=SC2086
  place "mbind refused" refused $every -- deny-calls mbind,set_mempolicy,get_mempolicy
  place "mbind refused, without huge pages" spread interleaved -- \
    env TRIBUTARY_HUGE_PAGES=0 deny-calls mbind,set_mempolicy
  verify "mbind refused" deny-calls mbind,set_mempolicy
  place "mbind and pinning refused" refused untouched workers -- deny-calls mbind,sched_setaffinity
  says "move_pages refused" 0 "only sums are known" \
    deny-calls mbind,set_mempolicy,get_mempolicy,move_pages tributary topology --verify
  # A node left out by the mask, by a control group, and its memory alone by a control group.
  place "masked to node 1" topology=1:2,3/memory:0 -- taskset c
  verify "masked to node 1" taskset c
  place "grouped to node 1" topology=1:2,3 -- within 2-3 1
  verify "grouped to node 1" within 2-3 1
  place "group that shrinks to node 1" shrunk=1:2-3 -- within 0-3 0-1
  place "memory of node 1 only" topology=0:0,1!/1:2,3 spread local interleaved workers -- within 0-3 1
  verify "memory of node 1 only" within 0-3 1
  same stress "stress" tributary stress --graphs 40 --threads 1,2,3,4
  same stress "stress, mbind and pinning refused" deny-calls mbind,sched_setaffinity \
    tributary stress --graphs 40 --threads 4
  same digits "train digits" tributary train digits --epochs 1
  says "AVX2 kernels" 0 "^kernel path *avx2" tributary topology
}
