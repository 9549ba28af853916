#pragma once

// Mbed TLS 3.6.6 as the module uses it: the PSA calls, AES-KWP, and a TLS 1.3 server whose only
// key exchange is an external PSK with ECDHE. Which algorithms exist is said in kyso_psa_config.h.

#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_USE_PSA_CRYPTO
// All buffers given to PSA calls belong to this one image: no defensive copies of them.
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS

#if defined(__linux__)
// A TLS session keeps five keys while it lives, and a Linux module has eight sessions.
#define MBEDTLS_PSA_KEY_SLOT_COUNT 96
#endif

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_HAVE_ASM
#if defined(__x86_64__)
#define MBEDTLS_AESNI_C
#endif

#define MBEDTLS_ENTROPY_C  // Linux: getrandom(2)
// Boards: so many raw samples fill the accumulator of 512 bits at the least claim, one bit each,
// with 64 bits to spare (noise_source.cc).
#define MBEDTLS_ENTROPY_MIN_HARDWARE 640
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_NIST_KW_C  // RFC 5649; PSA has no key wrapping in 3.6
#define MBEDTLS_MD_C

#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_MPI_MAX_SIZE 512  // bytes: RSA-4096
#define MBEDTLS_RSA_GEN_KEY_MIN_BITS 2048

#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
// Demanded by the TLS 1.3 code of 3.6; without X.509 there is no certificate to keep.
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_IN_CONTENT_LEN 2048
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048
