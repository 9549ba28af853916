#include "firmware/channel/tls_server.h"

extern "C" {
#include <mbedtls/psa_util.h>
}

#include "firmware/channel/tls_session.h"

namespace firmware::channel {
namespace {

constexpr int ciphersuites[] = {MBEDTLS_TLS1_3_AES_128_GCM_SHA256, 0};
constexpr std::uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                    MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

int choose_psk(void* hosts,
               mbedtls_ssl_context* ssl,
               const unsigned char* identity,
               std::size_t identity_size) {
    const auto* host =
        static_cast<const HostTable*>(hosts)->find(hsm::text_of({identity, identity_size}));
    if (host == nullptr) {
        return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
    }
    // Only a candidate: its binder, checked next with this very key, proves it.
    static_cast<TlsSession*>(mbedtls_ssl_get_user_data_p(ssl))->offer_host(*host);
    const auto secret = host->secret.reveal();
    return mbedtls_ssl_set_hs_psk(ssl, secret.data(), secret.size());
}

}  // namespace

TlsServer::TlsServer(const HostTable& hosts) {
    mbedtls_ssl_config_init(&configuration_);
    CHECK(mbedtls_ssl_config_defaults(&configuration_,
                                      MBEDTLS_SSL_IS_SERVER,
                                      MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT) == 0);
    mbedtls_ssl_conf_min_tls_version(&configuration_, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_max_tls_version(&configuration_, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_tls13_key_exchange_modes(&configuration_,
                                              MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL);
    mbedtls_ssl_conf_ciphersuites(&configuration_, ciphersuites);
    mbedtls_ssl_conf_groups(&configuration_, groups);
    mbedtls_ssl_conf_rng(&configuration_, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_psk_cb(&configuration_, choose_psk, const_cast<HostTable*>(&hosts));
}

TlsServer::~TlsServer() {
    mbedtls_ssl_config_free(&configuration_);
}

}  // namespace firmware::channel
