#include "firmware/engine/psa/kwp.h"

#include <mbedtls/nist_kw.h>

#include "hsm/base/zeroize.h"

namespace firmware::engine::psa {

using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

namespace {

class Context {
public:
    Context() { mbedtls_nist_kw_init(&context_); }
    ~Context() { mbedtls_nist_kw_free(&context_); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    mbedtls_nist_kw_context* get() { return &context_; }

private:
    mbedtls_nist_kw_context context_;
};

enum class Direction : int { unwrap = 0, wrap = 1 };

Result<void> set_key(Context& context, ByteView kek, Direction direction) {
    if (kek.size() != kek_size || mbedtls_nist_kw_setkey(context.get(),
                                                         MBEDTLS_CIPHER_ID_AES,
                                                         kek.data(),
                                                         kek_size * 8,
                                                         static_cast<int>(direction)) != 0) {
        return Status::engine_failed;
    }
    return {};
}

}  // namespace

Result<std::size_t> kwp_wrap(ByteView kek, ByteView plain, MutableBytes out) {
    Context context;
    TRY(set_key(context, kek, Direction::wrap));
    std::size_t size = 0;
    if (mbedtls_nist_kw_wrap(context.get(),
                             MBEDTLS_KW_MODE_KWP,
                             plain.data(),
                             plain.size(),
                             out.data(),
                             &size,
                             out.size()) != 0) {
        return Status::engine_failed;
    }
    return size;
}

Result<std::size_t> kwp_unwrap(ByteView kek, ByteView wrapped, MutableBytes out) {
    // The library subtracts before it checks, and its reads assume whole semiblocks.
    if (wrapped.size() < 16 || wrapped.size() % 8 != 0 || out.size() < wrapped.size() - 8) {
        return Status::blob_malformed;
    }
    Context context;
    TRY(set_key(context, kek, Direction::unwrap));
    std::size_t size = 0;
    if (mbedtls_nist_kw_unwrap(context.get(),
                               MBEDTLS_KW_MODE_KWP,
                               wrapped.data(),
                               wrapped.size(),
                               out.data(),
                               &size,
                               out.size()) != 0) {
        hsm::zeroize(out);
        return Status::blob_malformed;
    }
    return size;
}

}  // namespace firmware::engine::psa
