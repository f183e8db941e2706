#ifndef FANTAIL_CLZ4_SHIM_H
#define FANTAIL_CLZ4_SHIM_H
#include <lz4.h>
#endif
