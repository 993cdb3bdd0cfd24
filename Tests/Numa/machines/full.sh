# Two nodes, the second with little memory: what does not fit there spills over.
# shellcheck shell=sh
hardware() {
  echo -cpu max -smp 4 -m 1120 \
    -object memory-backend-ram,id=m0,size=1024M -numa node,nodeid=0,cpus=0-1,memdev=m0 \
    -object memory-backend-ram,id=m1,size=96M -numa node,nodeid=1,cpus=2-3,memdev=m1
}

checks() {
  place "bound" full=1 -- env
  place "mbind refused" full=1 refused -- deny-calls mbind,set_mempolicy
  place "without huge pages" full=1 -- env TRIBUTARY_HUGE_PAGES=0
  # Files in memory take most of the node. The tensor's part of it then lies elsewhere, and the program says so.
  mkdir /tmp/filler
  mount -t tmpfs -o size=80m,mpol=prefer:1 filler /tmp/filler
  dd if=/dev/zero of=/tmp/filler/file bs=1M count=72 2>/dev/null
  says "a full node" 1 "pages do not lie on the node of their tile" tributary topology --verify
  same stress "stress beside a full node" tributary stress --graphs 40 --threads 4
  umount /tmp/filler
  verify "the node has room again" env
}
