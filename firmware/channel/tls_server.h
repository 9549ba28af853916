#pragma once

#include <mbedtls/ssl.h>

#include "firmware/channel/host_table.h"

namespace firmware::channel {

// What all connections share: TLS 1.3 only, external PSK with ECDHE P-256 (psk_dhe_ke),
// TLS_AES_128_GCM_SHA256, no tickets, no early data, no certificates (ARCHITECTURE §3).
class TlsServer {
public:
    // Mbed TLS must have been started (firmware/engine/psa/initialize.h). `hosts` outlives this.
    explicit TlsServer(const HostTable& hosts);
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    ~TlsServer();

    const mbedtls_ssl_config& configuration() const { return configuration_; }

private:
    mbedtls_ssl_config configuration_;
};

}  // namespace firmware::channel
