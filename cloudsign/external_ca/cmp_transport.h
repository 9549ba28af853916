#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <openssl/cmp.h>

#include "cloudsign/evidence/fetch.h"
#include "hsm/openssl/der.h"

namespace cloudsign::external_ca {

constexpr std::size_t cmp_answer_size_max = 256 * 1024;
constexpr int cmp_exchanges_max = 64;

using CmpMessagePtr = std::unique_ptr<OSSL_CMP_MSG, hsm::openssl::Freed<OSSL_CMP_MSG_free>>;

// Carries the messages of one transaction over HTTP (RFC 6712 §3): at most 64, answers of at most
// 256 KiB. It holds what OpenSSL would need to go on with a transaction in another process.
class CmpTransport {
public:
    using Left = std::function<std::chrono::milliseconds()>;  // of the caller's patience

    CmpTransport(std::string url, const evidence::Fetch& fetch, Left left);

    // Has OpenSSL send by this, which outlives the context.
    bool serve(OSSL_CMP_CTX* context);

    // What went wrong on the way. Throws what the port has thrown, now that OpenSSL, which is C, is
    // not on the stack any more.
    std::optional<Error> take_fault();

    // The first and the last answer of a transaction that is polled for: each carries the
    // transaction's identifier and the nonce that it answers (RFC 4210 §5.1.1).
    Bytes waiting() const;

    // Before the first message: answers with those two, so that OpenSSL stands where it stood, and
    // checks their protection again. Then the first message is not sent, and the first poll
    // neither. `invalid` when they are not such.
    Result<void> resume(OSSL_CMP_CTX* context, hsm::ByteView waiting);

private:
    static OSSL_CMP_MSG* transfer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* message);
    Result<Bytes> fetch_answer(const OSSL_CMP_MSG* message);
    Result<CmpMessagePtr> next_answer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* message);

    const std::string url_;
    const evidence::Fetch& fetch_;
    const Left left_;
    int exchanges_ = 0;
    Bytes first_;
    Bytes last_;
    std::vector<CmpMessagePtr> kept_;  // still to be given again, the next one last
    std::optional<Error> fault_;
    std::exception_ptr thrown_;
};

}  // namespace cloudsign::external_ca
