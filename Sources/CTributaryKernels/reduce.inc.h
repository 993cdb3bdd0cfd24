/* reduce: included once by each path. */
#define TRI_REDUCE_TABLE { .cumsum = { 0 } }
