#pragma once

#include "hsm/base/bytes.h"

namespace firmware::selftest {

using hsm::ByteView;

// What each algorithm is asked before its first use, and what it has to answer. Plain data and a
// parameter of whatever tests, so that a test can change one byte of one of them; the product has
// the one table below. Where each comes from stands in known_answers.cc.
struct KnownAnswers {
    ByteView sha_message;
    ByteView sha256;
    ByteView sha384;
    ByteView sha512;

    ByteView hmac_key;
    ByteView hmac_message;
    ByteView hmac;

    ByteView hkdf_secret;
    ByteView hkdf_salt;
    ByteView hkdf_info;
    ByteView hkdf;

    ByteView gcm_key;  // AES-128, as TLS_AES_128_GCM_SHA256 has it
    ByteView gcm_nonce;
    ByteView gcm_aad;
    ByteView gcm_plain;
    ByteView gcm_cipher;  // with its tag

    ByteView ecdh_private;
    ByteView ecdh_peer;  // SEC 1 uncompressed
    ByteView ecdh_secret;

    // CTR_DRBG with AES-256 and a derivation function: instantiated, asked, reseeded, asked.
    ByteView drbg_seed;  // 32 bytes of entropy input, 16 of nonce
    ByteView drbg_personal;
    ByteView drbg_first;
    ByteView drbg_reseed;
    ByteView drbg_second;

    ByteView kwp_kek;
    ByteView kwp_plain;
    ByteView kwp_wrapped;

    ByteView p256_private;
    ByteView p256_public;  // SEC 1 uncompressed
    ByteView p256_digest;
    ByteView p256_signature;  // r ‖ s

    ByteView p384_private;
    ByteView p384_public;
    ByteView p384_digest;
    ByteView p384_signature;

    ByteView rsa_private;  // RSAPrivateKey (RFC 8017 §A.1.2) of 2,048 bits, DER
    ByteView rsa_digest;   // SHA-256
    ByteView rsa_pkcs1;
    ByteView rsa_pss;  // a salt of 32 bytes
};

extern const KnownAnswers known_answers;

}  // namespace firmware::selftest
