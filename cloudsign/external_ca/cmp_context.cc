#include "cloudsign/external_ca/cmp_context.h"

#include <openssl/err.h>

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

Error invalid(std::string detail) {
    ERR_clear_error();
    return {ErrorKind::invalid, std::move(detail)};
}

Result<void> protect(OSSL_CMP_CTX* context, const CmpSecret& with) {
    const auto secret = with.secret.reveal();
    const auto reference = hsm::view_of(with.reference);
    if (secret.empty() || reference.empty()) {
        return invalid("a shared secret for CMP needs a reference, and neither may be empty");
    }
    CHECK(OSSL_CMP_CTX_set1_referenceValue(
              context, reference.data(), static_cast<int>(reference.size())) == 1);
    CHECK(OSSL_CMP_CTX_set1_secretValue(context, secret.data(), static_cast<int>(secret.size())) ==
          1);
    return {};
}

Result<void> protect(OSSL_CMP_CTX* context, const CmpSignature& with) {
    const auto certificate = openssl::read_x509(with.certificate);
    const auto intermediates = pki::stack_of(with.intermediates);
    const auto read = static_cast<std::size_t>(sk_X509_num(intermediates.get()));
    if (!certificate || !with.key || read != with.intermediates.size()) {
        return invalid("our certificates or our key for CMP cannot be read");
    }
    if (X509_check_private_key(certificate.get(), with.key.get()) != 1) {
        return invalid("our certificate and our key for CMP do not belong together");
    }
    CHECK(OSSL_CMP_CTX_set1_cert(context, certificate.get()) == 1);
    CHECK(OSSL_CMP_CTX_set1_pkey(context, with.key.get()) == 1);
    CHECK(OSSL_CMP_CTX_set1_untrusted(context, intermediates.get()) == 1);
    return {};
}

}  // namespace

Result<CmpContextPtr> open_cmp_context(const CmpSettings& settings, const CmpPeer& peer) {
    CmpContextPtr context(OSSL_CMP_CTX_new(nullptr, nullptr));
    CHECK(context);
    // Without a log callback, OpenSSL would write what is on its queue to stderr.
    CHECK(OSSL_CMP_CTX_set_log_verbosity(context.get(), OSSL_CMP_LOG_EMERG) == 1);
    TRY(std::visit([&](const auto& with) { return protect(context.get(), with); },
                   settings.protection));
    if (settings.anchors.empty() && std::holds_alternative<CmpSignature>(settings.protection)) {
        return invalid("who is asked with a signature answers with one: configure an anchor");
    }
    // With a secret and no anchor, OpenSSL takes no signature at all.
    if (!settings.anchors.empty()) {
        CHECK(OSSL_CMP_CTX_set0_trustedStore(context.get(), peer.make_store().release()) == 1);
    }
    if (peer.recipient() != nullptr) {
        CHECK(OSSL_CMP_CTX_set1_recipient(context.get(), peer.recipient()) == 1);
    }
    return context;
}

}  // namespace cloudsign::external_ca
