#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "hsm/base/result.h"

namespace server::net {

// The server's certificate, key and TLS rules: TLS 1.2 (ECDHE with AEAD only) or 1.3, ALPN
// http/1.1, no renegotiation, no compression, tickets under keys that live with the context.
class TlsContext {
public:
    // PEM files: the leaf first, then what chains it to a root; the key unencrypted. The error is
    // a sentence that names the file.
    //
    // A client that asks for `certificate_host` by name (SNI) is asked for a certificate, and any
    // will do, or none: who it is, the application decides. Elsewhere nobody is asked, so that no
    // browser makes its user choose one.
    static hsm::Result<std::unique_ptr<TlsContext>, std::string> load(
        const std::string& certificate_path,
        const std::string& key_path,
        std::string certificate_host = {});

    // Reads both files, which may have moved. Connections from now on get the new certificate; on
    // an error everything stays as it was. Any thread.
    hsm::Result<void, std::string> reload(const std::string& certificate_path,
                                          const std::string& key_path);

    // Why no client would take the certificate under these host names: its dates, and names that it
    // does not cover; empty when there is nothing. Empty names do not count.
    std::vector<std::string> faults(const std::vector<std::string>& hosts) const;

    using Context = std::shared_ptr<SSL_CTX>;
    // An SSL made from it keeps it alive over a reload. Any thread.
    Context current() const {
        const std::lock_guard lock(mutex_);
        return context_;
    }

private:
    explicit TlsContext(std::string certificate_host)
        : certificate_host_(std::move(certificate_host)) {}

    hsm::Result<Context, std::string> make(const std::string& certificate_path,
                                           const std::string& key_path) const;

    const std::string certificate_host_;
    mutable std::mutex mutex_;
    Context context_;  // guarded by mutex_
};

}  // namespace server::net
