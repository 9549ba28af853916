#pragma once

#include <mbedtls/bignum.h>

#include "firmware/engine/psa/pkcs8.h"

namespace firmware::engine::psa {

// Owns one big number; wiped with it.
class BigNumber {
public:
    BigNumber() { mbedtls_mpi_init(&number_); }
    ~BigNumber() { mbedtls_mpi_free(&number_); }
    BigNumber(const BigNumber&) = delete;
    BigNumber& operator=(const BigNumber&) = delete;

    mbedtls_mpi* get() { return &number_; }
    void clear() { mbedtls_mpi_free(&number_); }

private:
    mbedtls_mpi number_;
};

// Makes an RSA key of two random primes (FIPS 186-5 §A.1.3) in slices, so that a module with one
// thread can answer others in between: psa_generate_key() takes up to half a minute on a
// microcontroller and cannot be interrupted. Numbers, primality test and key are Mbed TLS's; only
// the search is here. One key at a time.
class RsaGeneration {
public:
    // Drops what was under way. `type` is an RSA type.
    void begin(KeyType type);
    void drop();

    bool is_begun() const { return type_.has_value(); }
    // Whether work() has something to do.
    bool is_searching() const { return is_begun() && outcome_ && found_ < primes_.size(); }
    KeyType type() const { return *type_; }

    // One slice: draws a candidate, or puts it to one round of Miller and Rabin, which is one
    // exponentiation of half the key's length.
    void work();

    // The RSAPrivateKey (RFC 8017 §A.1.2, DER) once nothing is left to be searched, and nothing
    // under way any more. `rng_failed` and `engine_failed` as work() met them.
    Result<void> take(PrivateKey& out);

private:
    Result<void> search();
    Result<bool> draw_candidate();
    bool primes_too_close();

    std::optional<KeyType> type_;
    std::array<BigNumber, 2> primes_;
    std::size_t found_ = 0;   // primes
    std::size_t rounds_ = 0;  // that the candidate primes_[found_] has passed; 0 when there is none
    bool has_candidate_ = false;
    Result<void> outcome_;
};

}  // namespace firmware::engine::psa
