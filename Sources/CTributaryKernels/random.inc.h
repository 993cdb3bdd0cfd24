/* random: included once by each path. */
#define TRI_RANDOM_TABLE { 0 }
