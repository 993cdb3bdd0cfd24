#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

/* How often the calling thread has asked the heap for memory so far, by malloc or one of its kin; the Swift runtime's
   objects come from there too. A program that links this target has its allocator's entry points wrapped. */
long tri_allocation_count(void);

#endif
