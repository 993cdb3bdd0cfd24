/* elementwise: included once by each path. */
#define TRI_ELEMENTWISE_TABLE { 0 }
