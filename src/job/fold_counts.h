/*
 * fold_counts.h: deltas are folded into the counts.
 */
#ifndef IDPSYNC_FOLD_COUNTS_H
#define IDPSYNC_FOLD_COUNTS_H

#include "postgres.h"

/*
 * Folds a batch of deltas, as the owner of the store; inside SPI and a
 * transaction of its own. Returns how many there were: 0 where there was none, or
 * another transaction folds. more: there may be others.
 */
extern int64 fold_counts(bool *more);

#endif
