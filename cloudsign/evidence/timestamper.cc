#include "cloudsign/evidence/timestamper.h"

#include <cstdlib>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/timestamp.h"
#include "cloudsign/pki/timestamp_token.h"
#include "cloudsign/random.h"

namespace cloudsign::evidence {
namespace {

std::string pem_of(const std::vector<Bytes>& certificates) {
    std::string text;
    for (const auto& der : certificates) {
        text += pki::to_pem(der);
    }
    return text;
}

}  // namespace

Result<void> check_timestamp_time(const Bytes& token, std::int64_t now_ms) {
    TRY_ASSIGN(const auto read, pki::read_timestamp_token(token));
    if (std::abs(read.time_ms - now_ms) > timestamp_skew_ms) {
        return Error{ErrorKind::unavailable,
                     "the authority's clock and this machine's are more than a minute apart"};
    }
    return {};
}

Timestamper::Timestamper(std::vector<std::string> urls,
                         std::vector<Bytes> anchors,
                         Fetch fetch,
                         const Clock& clock)
    : urls_(std::move(urls)), anchors_(pem_of(anchors)), fetch_(std::move(fetch)), clock_(clock) {}

Result<Bytes> Timestamper::stamp_at(const std::string& url,
                                    hsm::protocol::DigestAlgorithm digest,
                                    const Bytes& hash) const {
    Bytes nonce(16);
    fill_random(nonce);
    TRY_ASSIGN(const auto question, pki::ask_timestamp(digest, hash, nonce));
    FetchRequest request;
    request.url = url;
    request.content_type = "application/timestamp-query";
    request.body = question.request;
    TRY_ASSIGN(const auto answer, fetch_(request));
    TRY_ASSIGN(auto token, pki::read_timestamp(answer, question, anchors_));
    TRY(check_timestamp_time(token, clock_.now_ms()));
    return token;
}

Result<Bytes> Timestamper::stamp(hsm::protocol::DigestAlgorithm digest, const Bytes& hash) const {
    if (urls_.empty()) {
        return Error{ErrorKind::not_found, "no time-stamping authority is named"};
    }
    std::string said;
    auto kind = ErrorKind::not_found;
    for (const auto& url : urls_) {
        auto token = stamp_at(url, digest, hash);
        if (token) {
            return token;
        }
        kind = token.error().kind == ErrorKind::not_found ? kind : ErrorKind::unavailable;
        said += (said.empty() ? "" : "; ") + url + ": " + token.error().detail;
    }
    return Error{kind, "no time-stamp: " + said};
}

}  // namespace cloudsign::evidence
