#pragma once

// Mbed TLS 3.6.6 as the module uses it: the PSA calls, AES-KWP, and a TLS 1.3 server whose only
// key exchange is an external PSK with ECDHE. Which algorithms exist is said in kyso_psa_config.h.

#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_USE_PSA_CRYPTO
// All buffers given to PSA calls belong to this one image: no defensive copies of them.
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS

// A TLS session keeps five keys while it lives: a Linux module has eight sessions, a board two.
#if defined(__linux__)
#define MBEDTLS_PSA_KEY_SLOT_COUNT 96
#else
#define MBEDTLS_PSA_KEY_SLOT_COUNT 24
#endif

#define MBEDTLS_PLATFORM_C
#if !defined(__linux__)
// A board: all memory from one static arena (use_arena()), all entropy from hal/rng.h.
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_ENTROPY_HARDWARE_ALT
// Smaller rather than faster: 128 KB of flash hold everything.
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECP_WINDOW_SIZE 2
#endif
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
// No names of object identifiers, and one suite instead of a table of preferences.
#define MBEDTLS_X509_REMOVE_INFO
#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS1_3_AES_128_GCM_SHA256
#define MBEDTLS_SSL_IN_CONTENT_LEN 2048
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048
