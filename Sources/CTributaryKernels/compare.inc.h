/* Template: comparisons and tests, which give bools. */

TRI_MAP_TO_BOOL(eq, 2, x == y)
TRI_MAP_TO_BOOL(ne, 2, x != y)
TRI_MAP_TO_BOOL(lt, 2, x < y)
TRI_MAP_TO_BOOL(le, 2, x <= y)
TRI_MAP_TO_BOOL(gt, 2, x > y)
TRI_MAP_TO_BOOL(ge, 2, x >= y)
TRI_MAP_TO_BOOL(logical_not, 1, x == (V)(E)0)

/* x - x is NaN for the infinite and for NaN, 0 for every other number, integers included. */
TRI_MAP_TO_BOOL(isnan, 1, x != x)
TRI_MAP_TO_BOOL(isinf, 1, (x == x) & (x - x != x - x))
TRI_MAP_TO_BOOL(isfinite, 1, x - x == x - x)
