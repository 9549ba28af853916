#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"
#include "server/api/context.h"
#include "server/api/csc/parameters.h"
#include "server/http/outcome.h"

namespace server::api {

// The authority whose time-stamps signatures/timestamp passes on. Blocks: from pool threads.
class TimestampAuthority {
public:
    // Posts `body` as application/timestamp-query and answers the body of a 200; the error is one
    // sentence.
    using Post = std::function<hsm::Result<cloudsign::Bytes, std::string>(
        const std::string& url, const cloudsign::Bytes& body)>;

    // `authorities`: PEM, the certificates that its own may end in.
    TimestampAuthority(std::string url, std::string authorities, Post post)
        : url_(std::move(url)), authorities_(std::move(authorities)), post_(std::move(post)) {}

    // A token that was checked: hash, nonce, signature. `busy` while enough others are waiting.
    cloudsign::Result<cloudsign::Bytes> stamp(hsm::protocol::DigestAlgorithm digest,
                                              const cloudsign::Bytes& hash,
                                              const cloudsign::Bytes& nonce);

private:
    // So that an authority that hangs leaves threads for the office.
    static constexpr unsigned at_once_max = 2;

    const std::string url_;
    const std::string authorities_;
    const Post post_;
    std::atomic<unsigned> at_once_{0};
};

namespace csc {
http::Outcome signatures_timestamp(Context& context, const http::Request& request, Version version);
}  // namespace csc

}  // namespace server::api
