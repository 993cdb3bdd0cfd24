/* gemm: included once by each path. */
#define TRI_GEMM_TABLE { 0 }
