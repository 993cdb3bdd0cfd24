/* Ends the virtual machine: what is written to port 0xf4, v, makes QEMU's exit status 2 v + 1. */
#include <stdlib.h>
#include <sys/io.h>

int main(int count, char **words) {
  if (count < 2 || ioperm(0xf4, 1, 1) != 0) return 1;
  outb((unsigned char)atoi(words[1]), 0xf4);
  return 0;
}
