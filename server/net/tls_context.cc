#include "server/net/tls_context.h"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "hsm/base/check.h"

namespace server::net {
namespace {

// The oldest entry of OpenSSL's queue is the cause, later ones are its callers' echoes.
std::string failure(std::string_view path) {
    std::array<char, 256> reason{};
    const unsigned long code = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(code)) {
        std::strncpy(reason.data(), std::strerror(ERR_GET_REASON(code)), reason.size() - 1);
    } else {
        ERR_error_string_n(code, reason.data(), reason.size());
    }
    ERR_clear_error();
    return std::string(path) + ": " + reason.data();
}

int select_alpn(SSL*,
                const unsigned char** out,
                unsigned char* out_size,
                const unsigned char* in,
                unsigned int in_size,
                void*) {
    static constexpr std::string_view http_1_1 = "\x08http/1.1";
    unsigned char* selected = nullptr;
    const int found = SSL_select_next_proto(&selected,
                                            out_size,
                                            reinterpret_cast<const unsigned char*>(http_1_1.data()),
                                            static_cast<unsigned int>(http_1_1.size()),
                                            in,
                                            in_size);
    *out = selected;
    // A client that offers only h2 fails now, with a reason, instead of sending frames that no
    // HTTP/1.1 parser understands (RFC 7301 §3.2).
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Whoever signed it: TLS proves that the peer has the key of the certificate, and that is all that
// is asked (RFC 8705 §2.2).
int accept_any_certificate(X509_STORE_CTX*, void*) {
    return 1;
}

int ask_for_certificate(SSL* ssl, int*, void* certificate_host) {
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked != nullptr && *static_cast<const std::string*>(certificate_host) == asked) {
        SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    }
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

hsm::Result<std::unique_ptr<TlsContext>, std::string> TlsContext::load(
    const std::string& certificate_path,
    const std::string& key_path,
    std::string certificate_host) {
    std::unique_ptr<TlsContext> context(new TlsContext(std::move(certificate_host)));
    TRY(context->reload(certificate_path, key_path));
    return context;
}

hsm::Result<void, std::string> TlsContext::reload(const std::string& certificate_path,
                                                  const std::string& key_path) {
    TRY_ASSIGN(auto fresh, make(certificate_path, key_path));
    const std::lock_guard lock(mutex_);
    context_ = std::move(fresh);
    return {};
}

std::vector<std::string> TlsContext::faults(const std::vector<std::string>& hosts) const {
    const auto context = current();
    X509* certificate = SSL_CTX_get0_certificate(context.get());
    std::vector<std::string> found;
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0) {
        found.emplace_back("has expired");
    }
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
        found.emplace_back("is not valid yet; is the clock right?");
    }
    for (const auto& host : hosts) {
        if (!host.empty() &&
            X509_check_host(certificate, host.data(), host.size(), 0, nullptr) != 1) {
            found.push_back("does not cover the host name " + host);
        }
    }
    return found;
}

hsm::Result<TlsContext::Context, std::string> TlsContext::make(const std::string& certificate_path,
                                                               const std::string& key_path) const {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    CHECK(context != nullptr);
    SSL_CTX* raw = context.get();
    CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
    CHECK(SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1);
    SSL_CTX_set_options(raw,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                            SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Released buffers are most of what an idle connection would hold. Read-ahead takes a record
    // in one recv() instead of two (header, then body).
    SSL_CTX_set_mode(raw,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(raw, 1);
    // Resumption is by tickets alone: a cache would keep every client's session in memory.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_alpn_select_cb(raw, select_alpn, nullptr);
    if (!certificate_host_.empty()) {
        SSL_CTX_set_cert_verify_callback(raw, accept_any_certificate, nullptr);
        SSL_CTX_set_tlsext_servername_callback(raw, ask_for_certificate);
        // The context outlives its connections, and its own name with it: the type is OpenSSL's.
        SSL_CTX_set_tlsext_servername_arg(raw, const_cast<std::string*>(&certificate_host_));
        // Without one OpenSSL resumes no session that has a certificate.
        static constexpr std::array<unsigned char, 4> sessions = {'k', 'y', 's', 'o'};
        CHECK(SSL_CTX_set_session_id_context(raw, sessions.data(), sessions.size()) == 1);
    }

    if (SSL_CTX_use_certificate_chain_file(raw, certificate_path.c_str()) != 1) {
        return failure(certificate_path);
    }
    if (SSL_CTX_use_PrivateKey_file(raw, key_path.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(raw) != 1) {
        return failure(key_path);
    }
    return context;
}

}  // namespace server::net
