#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"
#include "server/api/context.h"
#include "server/api/csc/parameters.h"
#include "server/http/outcome.h"

namespace server::api {

// The authority whose time-stamps signatures/timestamp passes on: somebody else's, or our own.
// Blocks: from pool threads.
class TimestampAuthority {
public:
    struct Source {
        // Whether there is one now; without it there is no such method.
        std::function<bool()> is_there;
        // PEM: the certificates that its own may end in.
        std::function<cloudsign::Result<std::string>()> authorities;
        // TimeStampResp for a TimeStampReq; each is asked where the one before gave none that
        // stands. At least one.
        using Ask =
            std::function<cloudsign::Result<cloudsign::Bytes>(const cloudsign::Bytes& query)>;
        std::vector<Ask> ask;
        // So that an authority that hangs leaves threads for the office.
        unsigned at_once_max = 2;
    };

    explicit TimestampAuthority(Source source) : source_(std::move(source)) {}

    bool is_there() const { return source_.is_there(); }
    cloudsign::Result<std::string> authorities() const { return source_.authorities(); }

    // A token that was checked: hash, nonce, signature. `busy` while enough others are waiting.
    cloudsign::Result<cloudsign::Bytes> stamp(hsm::protocol::DigestAlgorithm digest,
                                              const cloudsign::Bytes& hash,
                                              const cloudsign::Bytes& nonce);

private:
    const Source source_;
    std::atomic<unsigned> at_once_{0};
};

namespace csc {
http::Outcome signatures_timestamp(Context& context, const http::Request& request, Version version);
}  // namespace csc

}  // namespace server::api
