/* deny-calls NAME,NAME… PROGRAM [ARGUMENT …]: runs a program to which the kernel refuses these system calls with EPERM,
   as the filters of container engines do. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  const char *name;
  unsigned number;
} calls[] = {
    {"mbind", SYS_mbind},
    {"set_mempolicy", SYS_set_mempolicy},
    {"get_mempolicy", SYS_get_mempolicy},
    {"move_pages", SYS_move_pages},
    {"sched_setaffinity", SYS_sched_setaffinity},
};
enum { call_count = sizeof calls / sizeof *calls };

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "usage: deny-calls NAME,NAME... PROGRAM [ARGUMENT ...]\n");
    return 2;
  }
  struct sock_filter filter[3 + 2 * call_count];
  unsigned short length = 0;
  /* A call by another convention has other numbers; the programs here make none. */
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (char *name = strtok(words[1], ","); name; name = strtok(NULL, ",")) {
    int found = 0;
    while (found < call_count && strcmp(calls[found].name, name) != 0) found++;
    if (found == call_count || length + 3 > 3 + 2 * call_count) {
      fprintf(stderr, "deny-calls: %s is not known\n", name);
      return 2;
    }
    filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[found].number, 0, 1);
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  }
  filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {length, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("deny-calls");
    return 2;
  }
  execvp(words[2], words + 2);
  perror(words[2]);
  return 2;
}
