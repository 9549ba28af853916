#include "cloudsign/external_ca/cmp_transport.h"

#include <algorithm>
#include <utility>

#include <openssl/err.h>

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

// A message that must still go out (a certConf, the last poll) gets so much, patience or not.
constexpr std::chrono::milliseconds exchange_min{5'000};

Error unavailable(std::string detail) {
    return {ErrorKind::unavailable, std::move(detail)};
}

// The message at the front of `bytes`, which then begin behind it.
CmpMessagePtr take_message(hsm::ByteView& bytes) {
    const unsigned char* at = bytes.data();
    CmpMessagePtr message(d2i_OSSL_CMP_MSG(nullptr, &at, static_cast<long>(bytes.size())));
    bytes = bytes.subspan(message ? static_cast<std::size_t>(at - bytes.data()) : bytes.size());
    return message;
}

}  // namespace

CmpTransport::CmpTransport(std::string url, const evidence::Fetch& fetch, Left left)
    : url_(std::move(url)), fetch_(fetch), left_(std::move(left)) {}

bool CmpTransport::serve(OSSL_CMP_CTX* context) {
    return OSSL_CMP_CTX_set_transfer_cb(context, transfer) == 1 &&
           OSSL_CMP_CTX_set_transfer_cb_arg(context, this) == 1;
}

OSSL_CMP_MSG* CmpTransport::transfer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* message) {
    auto& self = *static_cast<CmpTransport*>(OSSL_CMP_CTX_get_transfer_cb_arg(context));
    try {
        auto answer = self.next_answer(context, message);
        // The port may have left others' errors there, or those of a fiber that ran meanwhile.
        ERR_clear_error();
        if (answer) {
            return answer->release();
        }
        self.fault_ = std::move(answer).error();
    } catch (...) {
        self.thrown_ = std::current_exception();
    }
    return nullptr;
}

Result<CmpMessagePtr> CmpTransport::next_answer(OSSL_CMP_CTX* context,
                                                const OSSL_CMP_MSG* message) {
    if (!kept_.empty()) {
        auto answer = std::move(kept_.back());
        kept_.pop_back();
        // It answers the message of then, which had another nonce.
        auto* nonce = OSSL_CMP_HDR_get0_recipNonce(OSSL_CMP_MSG_get0_header(answer.get()));
        if (nonce == nullptr || OSSL_CMP_CTX_set1_senderNonce(context, nonce) != 1) {
            return Error{ErrorKind::invalid, "the transaction to go on with is none"};
        }
        return answer;
    }
    TRY_ASSIGN(auto der, fetch_answer(message));
    auto answer = openssl::from_der<CmpMessagePtr>(der, d2i_OSSL_CMP_MSG);
    if (!answer) {
        return unavailable("what answers at the authority's address does not speak CMP");
    }
    (first_.empty() ? first_ : last_) = std::move(der);
    return answer;
}

Result<Bytes> CmpTransport::fetch_answer(const OSSL_CMP_MSG* message) {
    if (++exchanges_ > cmp_exchanges_max) {
        return unavailable("the authority comes to no end: no answer after " +
                           std::to_string(cmp_exchanges_max) + " messages");
    }
    evidence::FetchRequest request;
    request.url = url_;
    request.content_type = "application/pkixcmp";
    request.body = openssl::to_der(message, i2d_OSSL_CMP_MSG);
    request.answer_max = cmp_answer_size_max;
    request.deadline = std::max(left_(), exchange_min);
    auto answer = fetch_(request);
    if (!answer && answer.error().kind == ErrorKind::not_found) {
        return unavailable("there is nothing at the authority's address: correct its path");
    }
    if (!answer) {
        return unavailable("the authority cannot be reached: " + answer.error().detail);
    }
    if (answer->size() > cmp_answer_size_max) {
        return unavailable("the authority's answer is larger than 256 KiB");
    }
    return answer;
}

std::optional<Error> CmpTransport::take_fault() {
    if (thrown_) {
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
    return std::exchange(fault_, std::nullopt);
}

Bytes CmpTransport::waiting() const {
    auto both = first_;
    both.insert(both.end(), last_.begin(), last_.end());
    return both;
}

Result<void> CmpTransport::resume(OSSL_CMP_CTX* context, hsm::ByteView waiting) {
    auto rest = waiting;
    auto first = take_message(rest);
    first_ = Bytes(waiting.begin(), waiting.end() - static_cast<std::ptrdiff_t>(rest.size()));
    last_ = Bytes(rest.begin(), rest.end());
    auto last = take_message(rest);
    ERR_clear_error();
    const auto* identifier =
        first ? OSSL_CMP_HDR_get0_transactionID(OSSL_CMP_MSG_get0_header(first.get())) : nullptr;
    if (identifier == nullptr || !last || !rest.empty() ||
        OSSL_CMP_CTX_set1_transactionID(context, identifier) != 1) {
        return Error{ErrorKind::invalid, "the transaction to go on with is none"};
    }
    kept_.push_back(std::move(last));
    kept_.push_back(std::move(first));
    return {};
}

}  // namespace cloudsign::external_ca
