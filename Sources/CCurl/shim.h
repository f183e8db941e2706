#ifndef FANTAIL_CCURL_SHIM_H
#define FANTAIL_CCURL_SHIM_H
#include <curl/curl.h>
#endif
