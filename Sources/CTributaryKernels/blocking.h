#ifndef TRI_BLOCKING_H
#define TRI_BLOCKING_H

/* Tile sizes, by instruction set. None of them reaches a bit of a result. */

#endif
