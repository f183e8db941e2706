#ifndef FANTAIL_CSQLITE_SHIM_H
#define FANTAIL_CSQLITE_SHIM_H
#include <sqlite3.h>

/* sqlite3_db_config is variadic, which Swift cannot call: one wrapper for the (int, int *) shape. */
static inline int fantail_sqlite3_db_config_switch(sqlite3 *db, int op, int on, int *now) {
    return sqlite3_db_config(db, op, on, now);
}
#endif
