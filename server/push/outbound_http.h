#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hsm/base/result.h"

namespace server::push {

enum class OutboundMethod { post, get };

// One request to somebody else's server.
struct OutboundRequest {
    std::string url;  // of read_target() (cloudsign/push/target.h)
    OutboundMethod method = OutboundMethod::post;
    std::vector<std::string> headers;
    std::string body;  // POSTed
    std::chrono::milliseconds deadline{10'000};
    std::size_t answer_max = 64 * 1024;  // bytes of body
    bool private_addresses = false;      // may lie where is_public_address() says no
    bool plain_http = false;
    // HOST:PORT that is connected to in place of the URL's, which stays the one whose certificate
    // is asked for; empty: none.
    std::string relay;
    std::string ca_file;  // trusted beside the system's authorities; empty: only those
    // PEM files with what we show a server that asks in TLS who we are: our certificate with what
    // stands between it and its authority, and its key without a passphrase (empty: the key is in
    // the file of the certificate). Both are read for each request. Empty: nothing is shown.
    std::string client_certificate;
    std::string client_key;
};

struct OutboundAnswer {
    unsigned status = 0;
    std::string body;
    std::int64_t retry_after_s = 0;  // of the header, whichever form it has; 0: there is none
};

// Every request that this server makes to others: HTTP over libcurl, many at once on a thread of
// its own. Redirects are not followed, proxies of the environment not used, and each address is
// looked at when it is connected to, after its name was resolved, so that a name cannot mean
// another address then. No connection is used twice: the rules of two requests may differ.
class OutboundHttp {
public:
    // The error is one sentence: for the delivery log and for the operator.
    using Answer = hsm::Result<OutboundAnswer, std::string>;
    using Done = std::function<void(Answer)>;

    OutboundHttp();
    // Ends what is under way; each gets its answer.
    ~OutboundHttp();
    OutboundHttp(const OutboundHttp&) = delete;
    OutboundHttp& operator=(const OutboundHttp&) = delete;

    // `done` runs on the thread of this object and must not block. Any thread.
    void send(OutboundRequest request, Done done);

    // The same; parks the caller, thread or fiber.
    Answer call(OutboundRequest request);

    // Answers everything and refuses what comes later. Any thread, more than once.
    void stop();

private:
    class Transfer;
    struct Multi;

    static constexpr std::size_t under_way_max = 512;

    void run();
    bool accept_new();
    void finish_ended();
    void end_all();

    std::mutex mutex_;
    std::vector<std::unique_ptr<Transfer>> waiting_;
    std::size_t under_way_ = 0;
    bool stopping_ = false;
    std::unique_ptr<Multi> multi_;
    std::thread thread_;
};

}  // namespace server::push
