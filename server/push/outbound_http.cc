#include "server/push/outbound_http.h"

#include <curl/curl.h>
#include <map>
#include <sys/socket.h>
#include <unistd.h>

#include "hsm/base/check.h"
#include "hsm/sync/latch.h"
#include "server/push/address_policy.h"

namespace server::push {
namespace {

struct Freed {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using ListPtr = std::unique_ptr<curl_slist, Freed>;

constexpr std::string_view stopped = "the server is stopping";

// Once for the process, before the first thread of ours uses the library.
void start_library() {
    static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    CHECK(started);
}

}  // namespace

class OutboundHttp::Transfer {
public:
    Transfer(OutboundRequest request, Done done)
        : request_(std::move(request)), done_(std::move(done)), easy_(curl_easy_init()) {
        CHECK(easy_ != nullptr);
        set_up();
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* easy() const { return easy_.get(); }

    void finish(CURLcode code) {
        if (code != CURLE_OK) {
            done_(fault(code));
            return;
        }
        long status = 0;
        curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
        curl_off_t retry_after_s = 0;
        curl_easy_getinfo(easy(), CURLINFO_RETRY_AFTER, &retry_after_s);
        done_(OutboundAnswer{static_cast<unsigned>(status), std::move(answer_), retry_after_s});
    }
    void refuse(std::string why) { done_(std::move(why)); }

private:
    template <class Value>
    void set(CURLoption option, Value value) {
        CHECK(curl_easy_setopt(easy(), option, value) == CURLE_OK);
    }

    void set_up() {
        for (const auto& header : request_.headers) {
            add_header(header);
        }
        add_header("Expect:");  // no "100 Continue" for a small body
        set(CURLOPT_URL, request_.url.c_str());
        set(CURLOPT_HTTPHEADER, headers_.get());
        if (request_.method == OutboundMethod::post) {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
            set(CURLOPT_POSTFIELDS, request_.body.data());
        }
        set(CURLOPT_USERAGENT, "kyso");
        set(CURLOPT_PROTOCOLS_STR, request_.plain_http ? "https,http" : "https");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_FRESH_CONNECT, 1L);
        set(CURLOPT_FORBID_REUSE, 1L);
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.deadline.count()));
        set(CURLOPT_ERRORBUFFER, error_);
        set(CURLOPT_PRIVATE, this);
        set(CURLOPT_WRITEFUNCTION, &Transfer::write);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
        set(CURLOPT_OPENSOCKETDATA, this);
        if (!request_.relay.empty()) {
            const auto instead = "::" + request_.relay;  // whatever host and port the URL has
            relay_.reset(curl_slist_append(nullptr, instead.c_str()));
            CHECK(relay_ != nullptr);
            set(CURLOPT_CONNECT_TO, relay_.get());
        }
        if (!request_.ca_file.empty()) {
            set(CURLOPT_CAINFO, request_.ca_file.c_str());
        }
        if (!request_.client_certificate.empty()) {
            show_certificate();
        }
    }

    void show_certificate() {
        const auto& key = request_.client_key;
        set(CURLOPT_SSLCERT, request_.client_certificate.c_str());
        set(CURLOPT_SSLKEY, (key.empty() ? request_.client_certificate : key).c_str());
        // Without one, OpenSSL would ask for it at the terminal, and everybody would wait.
        set(CURLOPT_KEYPASSWD, "");
        // A session that is resumed is one of whoever began it, whatever the files say since then.
        set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    }

    void add_header(const std::string& header) {
        auto* longer = curl_slist_append(headers_.get(), header.c_str());
        CHECK(longer != nullptr);
        static_cast<void>(headers_.release());
        headers_.reset(longer);
    }

    std::string fault(CURLcode code) const {
        if (refused_address_) {
            return "its address is none of the public internet (webhook.private_addresses)";
        }
        if (too_long_) {
            return "its answer is too long";
        }
        return error_[0] != '\0' ? error_ : curl_easy_strerror(code);
    }

    static std::size_t write(char* bytes, std::size_t, std::size_t size, void* opaque) {
        auto& self = *static_cast<Transfer*>(opaque);
        if (self.answer_.size() + size > self.request_.answer_max) {
            self.too_long_ = true;
            return 0;
        }
        self.answer_.append(bytes, size);
        return size;
    }

    static curl_socket_t open_socket(void* opaque, curlsocktype, curl_sockaddr* address) {
        auto& self = *static_cast<Transfer*>(opaque);
        if (!self.request_.private_addresses && !is_public_address(address->addr)) {
            self.refused_address_ = true;
            return CURL_SOCKET_BAD;
        }
        return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }

    const OutboundRequest request_;
    const Done done_;
    std::unique_ptr<CURL, Freed> easy_;
    ListPtr headers_;
    ListPtr relay_;
    std::string answer_;
    char error_[CURL_ERROR_SIZE] = "";  // NOLINT: libcurl's own interface
    bool refused_address_ = false;
    bool too_long_ = false;
};

struct OutboundHttp::Multi {
    Multi() : handle(curl_multi_init()) { CHECK(handle != nullptr); }
    ~Multi() { curl_multi_cleanup(handle); }
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    CURLM* handle;
    std::map<CURL*, std::unique_ptr<Transfer>> under_way;
};

OutboundHttp::OutboundHttp() {
    start_library();
    multi_ = std::make_unique<Multi>();
    thread_ = std::thread([this] { run(); });
}

OutboundHttp::~OutboundHttp() {
    stop();
    thread_.join();
}

void OutboundHttp::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    curl_multi_wakeup(multi_->handle);
}

void OutboundHttp::send(OutboundRequest request, Done done) {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done));
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && under_way_ < under_way_max) {
            ++under_way_;
            waiting_.push_back(std::move(transfer));
            curl_multi_wakeup(multi_->handle);
            return;
        }
    }
    transfer->refuse("too many requests are under way");
}

OutboundHttp::Answer OutboundHttp::call(OutboundRequest request) {
    Answer answer = std::string(stopped);
    hsm::sync::Latch answered;
    send(std::move(request), [&](Answer got) {
        answer = std::move(got);
        answered.count_down();
    });
    answered.wait();
    return answer;
}

void OutboundHttp::run() {
    constexpr int look_again_ms = 1000;
    while (accept_new()) {
        int running = 0;
        curl_multi_perform(multi_->handle, &running);
        finish_ended();
        curl_multi_poll(multi_->handle, nullptr, 0, look_again_ms, nullptr);
    }
    end_all();
}

// False when it is time to end.
bool OutboundHttp::accept_new() {
    std::vector<std::unique_ptr<Transfer>> fresh;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return false;
        }
        fresh.swap(waiting_);
    }
    for (auto& transfer : fresh) {
        CURL* easy = transfer->easy();
        CHECK(curl_multi_add_handle(multi_->handle, easy) == CURLM_OK);
        multi_->under_way.emplace(easy, std::move(transfer));
    }
    return true;
}

void OutboundHttp::finish_ended() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const auto code = message->data.result;  // NOLINT: libcurl's own interface
        CURL* easy = message->easy_handle;
        auto found = multi_->under_way.extract(easy);
        curl_multi_remove_handle(multi_->handle, easy);
        {
            const std::lock_guard lock(mutex_);
            --under_way_;
        }
        found.mapped()->finish(code);
    }
}

void OutboundHttp::end_all() {
    for (auto& [easy, transfer] : multi_->under_way) {
        curl_multi_remove_handle(multi_->handle, easy);
        transfer->refuse(std::string(stopped));
    }
    multi_->under_way.clear();
    std::vector<std::unique_ptr<Transfer>> fresh;
    {
        const std::lock_guard lock(mutex_);
        fresh.swap(waiting_);
        under_way_ = 0;
    }
    for (auto& transfer : fresh) {
        transfer->refuse(std::string(stopped));
    }
}

}  // namespace server::push
