#include "firmware/engine/psa/rsa_generation.h"

#include <psa/crypto.h>

#include <mbedtls/rsa.h>

#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"
#include "firmware/engine/spki.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::MutableBytes;
using hsm::Secret;
using hsm::Status;

namespace {

constexpr int exponent = 65537;
constexpr std::size_t number_size_max = 512;  // the modulus and d of RSA-4096
constexpr std::size_t prime_size_max = number_size_max / 2;

// Rounds of Miller and Rabin with random bases. FIPS 186-5 table B.1 asks for 5 (primes of 1,024
// bits) and 4 (longer ones) where the error is to stay below 2^-112 or 2^-128; some more are cheap,
// since only primes get this far.
constexpr std::size_t rounds_needed = 8;

// ceil(2^63 * sqrt(2)): a prime of n bits is at least sqrt(2) * 2^(n-1), so that the modulus has
// all its bits (§A.1.3 steps 4.4 and 5.5).
constexpr std::uint64_t first_word_min = 0xb504f333f9de6485;

int draw(void*, unsigned char* out, std::size_t size) {
    return psa_generate_random(out, size) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_MPI_ALLOC_FAILED;
}

// Mbed TLS is out of memory, or was given nonsense by us.
Result<void> done(int error) {
    if (error != 0) {
        return Status::engine_failed;
    }
    return {};
}

std::uint64_t first_word(ByteView number) {
    std::uint64_t word = 0;
    for (const auto byte : number.first(sizeof(word))) {
        word = word << 8 | byte;
    }
    return word;
}

class RsaContext {
public:
    RsaContext() { mbedtls_rsa_init(&context_); }
    ~RsaContext() { mbedtls_rsa_free(&context_); }
    RsaContext(const RsaContext&) = delete;
    RsaContext& operator=(const RsaContext&) = delete;

    mbedtls_rsa_context* get() { return &context_; }

private:
    mbedtls_rsa_context context_;
};

// The numbers of an RSAPrivateKey, in its order.
struct PrivateNumbers {
    BigNumber n, e, d, p, q, dp, dq, qp;
};

Result<void> complete(BigNumber& p, BigNumber& q, PrivateNumbers& out) {
    RsaContext key;
    BigNumber e;
    TRY(done(mbedtls_mpi_lset(e.get(), exponent)));
    TRY(done(mbedtls_rsa_import(key.get(), nullptr, p.get(), q.get(), nullptr, e.get())));
    TRY(done(mbedtls_rsa_complete(key.get())));
    TRY(done(mbedtls_rsa_check_privkey(key.get())));
    TRY(done(mbedtls_rsa_export(
        key.get(), out.n.get(), out.p.get(), out.q.get(), out.d.get(), out.e.get())));
    return done(mbedtls_rsa_export_crt(key.get(), out.dp.get(), out.dq.get(), out.qp.get()));
}

Result<void> write_number(DerWriter& writer, BigNumber& number) {
    Secret<number_size_max> bytes;
    const auto size = mbedtls_mpi_size(number.get());
    if (size == 0 || size > number_size_max) {
        return Status::engine_failed;
    }
    TRY(done(mbedtls_mpi_write_binary(number.get(), bytes.storage().data(), size)));
    bytes.resize(size);
    writer.positive_integer(bytes.reveal());
    return {};
}

Result<void> write_private_key(PrivateNumbers& numbers, PrivateKey& out) {
    DerWriter writer(out.storage());
    for (auto* number : {&numbers.qp,
                         &numbers.dq,
                         &numbers.dp,
                         &numbers.q,
                         &numbers.p,
                         &numbers.d,
                         &numbers.e,
                         &numbers.n}) {
        TRY(write_number(writer, *number));
    }
    writer.bytes(std::array<Byte, 3>{der_integer, 1, 0});  // version: two primes
    writer.header(der_sequence, writer.size());
    if (!writer.ok()) {
        return Status::engine_failed;
    }
    const auto size = writer.size();
    std::memmove(out.storage().data(), writer.written().data(), size);
    hsm::zeroize(out.storage().subspan(size));
    out.resize(size);
    return {};
}

}  // namespace

void RsaGeneration::begin(KeyType type) {
    drop();
    CHECK(is_rsa(type));
    type_ = type;
}

void RsaGeneration::drop() {
    type_.reset();
    for (auto& prime : primes_) {
        prime.clear();
    }
    found_ = 0;
    rounds_ = 0;
    has_candidate_ = false;
    outcome_ = {};
}

void RsaGeneration::work() {
    if (is_searching()) {
        outcome_ = search();
    }
}

Result<void> RsaGeneration::search() {
    if (!has_candidate_) {
        TRY_ASSIGN(has_candidate_, draw_candidate());
        rounds_ = 0;
        return {};
    }
    auto& candidate = primes_[found_];
    const auto tested = mbedtls_mpi_is_prime_ext(candidate.get(), 1, draw, nullptr);
    if (tested == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE) {
        has_candidate_ = false;
        return {};
    }
    TRY(done(tested));
    if (++rounds_ == rounds_needed) {
        ++found_;
        has_candidate_ = false;
    }
    return {};
}

// False when what was drawn can be no prime of this key.
Result<bool> RsaGeneration::draw_candidate() {
    Secret<prime_size_max> drawn;
    drawn.resize(key_bytes(*type_) / 2);
    const auto bytes = drawn.storage().first(drawn.size());
    if (psa_generate_random(bytes.data(), bytes.size()) != PSA_SUCCESS) {
        return Status::rng_failed;
    }
    bytes.back() |= 1;
    if (first_word(bytes) < first_word_min) {
        return false;
    }
    auto& candidate = primes_[found_];
    TRY(done(mbedtls_mpi_read_binary(candidate.get(), bytes.data(), bytes.size())));
    // e is a prime: it has a factor in common with p - 1 only when it divides it.
    mbedtls_mpi_uint rest = 0;
    TRY(done(mbedtls_mpi_mod_int(&rest, candidate.get(), exponent)));
    return rest != 1 && !primes_too_close();
}

// |p - q| <= 2^(n/2 - 100), §A.1.3 step 5.6; or no difference to tell.
bool RsaGeneration::primes_too_close() {
    if (found_ == 0) {
        return false;
    }
    BigNumber difference;
    return mbedtls_mpi_sub_mpi(difference.get(), primes_[0].get(), primes_[1].get()) != 0 ||
           mbedtls_mpi_bitlen(difference.get()) <= key_bits(*type_) / 2 - 100;
}

Result<void> RsaGeneration::take(PrivateKey& out) {
    CHECK(is_begun() && !is_searching());
    const auto searched = std::exchange(outcome_, {});
    PrivateNumbers numbers;
    auto taken = searched ? complete(primes_[0], primes_[1], numbers) : searched;
    // §A.1.3 step 3 of A.1.1: d > 2^(n/2), which no random key misses.
    if (taken && mbedtls_mpi_bitlen(numbers.d.get()) <= key_bits(*type_) / 2) {
        taken = Status::engine_failed;
    }
    drop();
    TRY(taken);
    return write_private_key(numbers, out);
}

}  // namespace firmware::engine::psa
