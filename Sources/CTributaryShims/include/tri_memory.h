#ifndef TRI_MEMORY_H
#define TRI_MEMORY_H

/* What TributaryMemory needs of glibc's extensions, which Swift does not see. */

/* The core that the calling thread runs on just now; -1 if the system does not tell. */
int tri_current_core(void);

/* Gives malloc's free pages back to the system, where malloc has such a call. */
void tri_malloc_trim(void);

#endif
