#ifndef FANTAIL_CCRYPTO_SHIM_H
#define FANTAIL_CCRYPTO_SHIM_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#endif
