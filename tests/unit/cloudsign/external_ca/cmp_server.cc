#include "tests/unit/cloudsign/external_ca/cmp_server.h"

#include "cloudsign/cmp/certificate_wish.h"
#include "cloudsign/pki/certificate_store.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

using MessagePtr = std::unique_ptr<OSSL_CMP_MSG, openssl::Freed<OSSL_CMP_MSG_free>>;

OSSL_CMP_PKISI* said(const CmpServer::No& no) {
    return OSSL_CMP_STATUSINFO_new(
        no.status, no.failures, no.text.empty() ? nullptr : no.text.c_str());
}

OSSL_CMP_PKISI* said_yes() {
    return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_accepted, 0, nullptr);
}

}  // namespace

CmpServer::CmpServer(const MadeAuthority& authority)
    : authority_(authority), server_(OSSL_CMP_SRV_CTX_new(nullptr, nullptr)) {
    CHECK(
        OSSL_CMP_SRV_CTX_init(
            server_.get(), this, certify, revoke, nullptr, nullptr, hear_confirmation, hear_poll) ==
        1);
    OSSL_CMP_CTX_set_log_verbosity(context(), OSSL_CMP_LOG_EMERG);
}

CmpServer& CmpServer::of(OSSL_CMP_SRV_CTX* server) {
    return *static_cast<CmpServer*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
}

void CmpServer::share_secret(const std::string& reference, const std::string& secret) {
    const auto name = hsm::view_of(reference);
    const auto bytes = hsm::view_of(secret);
    OSSL_CMP_CTX_set1_referenceValue(context(), name.data(), static_cast<int>(name.size()));
    OSSL_CMP_CTX_set1_secretValue(context(), bytes.data(), static_cast<int>(bytes.size()));
}

void CmpServer::sign_as(const MadeCertificate& signer, const MadeCertificate& beside) {
    OSSL_CMP_CTX_set1_cert(context(), signer.certificate.get());
    OSSL_CMP_CTX_set1_pkey(context(), signer.key.key.get());
    OSSL_CMP_CTX_set1_untrusted(context(), pki::stack_of({beside.der()}).get());
    OSSL_CMP_CTX_set0_trustedStore(context(),
                                   pki::store_of({authority_.root.der()}, std::nullopt).release());
}

evidence::Fetch CmpServer::fetch() {
    return [this](const evidence::FetchRequest& request) -> Result<Bytes> {
        requests.push_back(request);
        const auto message = openssl::from_der<MessagePtr>(request.body, d2i_OSSL_CMP_MSG);
        CHECK(message);
        const MessagePtr answer(OSSL_CMP_SRV_process_request(server_.get(), message.get()));
        CHECK(answer);
        const auto der = openssl::to_der(answer.get(), i2d_OSSL_CMP_MSG);
        return on_the_way ? on_the_way(der) : Result<Bytes>(der);
    };
}

OSSL_CMP_PKISI* CmpServer::certify(OSSL_CMP_SRV_CTX* server,
                                   const OSSL_CMP_MSG* message,
                                   int,
                                   const OSSL_CRMF_MSG* crmf,
                                   const X509_REQ* request,
                                   X509** certificate,
                                   STACK_OF(X509) * *chain,
                                   STACK_OF(X509) **) {
    auto& self = of(server);
    if (self.no) {
        return said(*self.no);
    }
    if (self.polled_ < self.polls) {
        self.waiting_.reset(OSSL_CMP_MSG_dup(message));
        return said({0, "", OSSL_CMP_PKISTATUS_waiting});
    }
    const auto wish = request != nullptr ? cmp::read_wish(request) : cmp::read_wish(crmf);
    CHECK(wish.has_value());
    self.asked.push_back(OSSL_CMP_MSG_get_bodytype(message));
    self.renewed.push_back(wish->renews);
    const auto key = openssl::read_spki(wish->spki);
    auto made = self.authority_.issuer.certify(
        "Subscriber", self.other_key ? self.other_key(key.get()) : key.get(), as_person);
    self.issued.push_back(openssl::to_der(made.get(), i2d_X509));
    *certificate = made.release();
    *chain = pki::stack_of({self.authority_.issuer.der(), self.authority_.root.der()}).release();
    return said_yes();
}

OSSL_CMP_PKISI* CmpServer::revoke(OSSL_CMP_SRV_CTX* server,
                                  const OSSL_CMP_MSG*,
                                  const X509_NAME*,
                                  const ASN1_INTEGER* serial) {
    auto& self = of(server);
    if (self.no) {
        return said(*self.no);
    }
    self.revoked.emplace_back(ASN1_STRING_get0_data(serial),
                              ASN1_STRING_get0_data(serial) + ASN1_STRING_length(serial));
    return said_yes();
}

int CmpServer::hear_confirmation(OSSL_CMP_SRV_CTX* server,
                                 const OSSL_CMP_MSG*,
                                 int,
                                 const ASN1_OCTET_STRING*,
                                 const OSSL_CMP_PKISI* status) {
    std::array<char, OSSL_CMP_PKISI_BUFLEN> text{};
    of(server).confirmations.emplace_back(
        OSSL_CMP_snprint_PKIStatusInfo(status, text.data(), text.size()));
    return 1;
}

int CmpServer::hear_poll(OSSL_CMP_SRV_CTX* server,
                         const OSSL_CMP_MSG*,
                         int,
                         OSSL_CMP_MSG** decided,
                         std::int64_t* check_after) {
    auto& self = of(server);
    *decided = nullptr;
    *check_after = self.check_after_s;
    if (self.polled_++ >= self.polls) {
        *decided = self.waiting_.release();
    }
    return 1;
}

}  // namespace cloudsign::external_ca
