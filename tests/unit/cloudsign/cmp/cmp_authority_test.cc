#include "cloudsign/cmp/cmp_authority.h"

#include <algorithm>

#include <openssl/cmp.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "cloudsign/cmp/certificate_wish.h"
#include "cloudsign/cmp/cmp_request.h"
#include "cloudsign/cmp/der_element.h"
#include "cloudsign/external_ca/cmp_client.h"
#include "cloudsign/external_ca/cmp_words.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/store/certificate_table.h"
#include "hsm/openssl/der.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;
using store::CmpAccount;
using store::CmpState;
using store::CredentialStatus;
using tests::support::Cloud;
using tests::support::kind_of;

constexpr auto subject = "CN=Nguyễn Văn A,O=Bệnh viện A,C=VN";

EVP_PKEY* rsa_key(unsigned long exponent) {
    const std::unique_ptr<EVP_PKEY_CTX, openssl::Freed<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    const openssl::BignumPtr number(BN_new());
    BN_set_word(number.get(), exponent);
    EVP_PKEY* key = nullptr;
    CHECK(EVP_PKEY_keygen_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()) == 1 &&
          EVP_PKEY_keygen(context.get(), &key) == 1);
    return key;
}

EVP_PKEY* curve_key(const char* parameter, const char* value) {
    auto* key = EVP_EC_gen("P-256");
    CHECK(EVP_PKEY_set_utf8_string_param(key, parameter, value) == 1);
    return key;
}
EVP_PKEY* explicit_curve() {
    return curve_key(OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT);
}
EVP_PKEY* compressed_point() {
    return curve_key(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                     OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED);
}

Bytes joined(std::initializer_list<hsm::ByteView> parts) {
    Bytes all;
    for (const auto part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

// DER of less than 64 KiB.
Bytes element(hsm::Byte tag, const Bytes& content) {
    const auto size = content.size();
    const auto low = static_cast<hsm::Byte>(size);
    Bytes head = {tag, low};
    if (size > 0xff) {
        head = {tag, 0x82, static_cast<hsm::Byte>(size >> 8), low};
    } else if (size > 0x7f) {
        head = {tag, 0x81, low};
    }
    return joined({head, content});
}

// A certConf with no certificate in it, under the header of another and protected anew.
Bytes without_certificates(const Bytes& certconf, const std::string& secret) {
    auto rest = hsm::ByteView(certconf);
    auto content = take_element(rest)->content;
    const auto header = take_element(content)->whole;
    const Bytes body = {0xb8, 0x02, 0x30, 0x00};
    const auto covered = element(0x30, joined({header, body}));

    auto fields = header;
    fields = take_element(fields)->content;
    take_element(fields);  // pvno
    take_element(fields);  // sender
    take_element(fields);  // recipient
    const auto algorithm =
        openssl::from_der<openssl::X509AlgorPtr>(find_context(fields, 1)->content, d2i_X509_ALGOR);
    const void* value = nullptr;
    int type = 0;
    X509_ALGOR_get0(nullptr, &type, &value, algorithm.get());
    const auto* packed = static_cast<const ASN1_STRING*>(value);
    const unsigned char* at = ASN1_STRING_get0_data(packed);
    const std::unique_ptr<OSSL_CRMF_PBMPARAMETER, openssl::Freed<OSSL_CRMF_PBMPARAMETER_free>> pbm(
        d2i_OSSL_CRMF_PBMPARAMETER(nullptr, &at, ASN1_STRING_length(packed)));
    unsigned char* mac = nullptr;
    std::size_t size = 0;
    CHECK(OSSL_CRMF_pbm_new(nullptr,
                            nullptr,
                            pbm.get(),
                            covered.data(),
                            covered.size(),
                            hsm::view_of(secret).data(),
                            secret.size(),
                            &mac,
                            &size) == 1);
    const openssl::OpensslBytesPtr owner(mac);
    const auto bits = element(0x03, joined({Bytes{0}, hsm::ByteView(mac, size)}));
    return element(0x30, joined({header, body, element(0xa0, bits)}));
}

// A client of OpenSSL's making, whose messages go straight to the authority.
class Client {
public:
    Client(CmpAuthority& authority, const std::string& account, const std::string& secret)
        : authority_(&authority), account_(account), context_(OSSL_CMP_CTX_new(nullptr, nullptr)) {
        OSSL_CMP_CTX_set_log_verbosity(context(), OSSL_CMP_LOG_EMERG);
        OSSL_CMP_CTX_set_transfer_cb(context(), transfer);
        OSSL_CMP_CTX_set_transfer_cb_arg(context(), this);
        const auto name = hsm::view_of(account);
        const auto bytes = hsm::view_of(secret);
        OSSL_CMP_CTX_set1_referenceValue(context(), name.data(), static_cast<int>(name.size()));
        OSSL_CMP_CTX_set1_secretValue(context(), bytes.data(), static_cast<int>(bytes.size()));
        use(EVP_EC_gen("P-256"));
        name_subject(subject);
    }

    OSSL_CMP_CTX* context() const { return context_.get(); }
    EVP_PKEY* key() const { return OSSL_CMP_CTX_get0_newPkey(context(), 0); }
    void use(EVP_PKEY* key) { OSSL_CMP_CTX_set0_newPkey(context(), 1, key); }
    void name_subject(const std::string& text) {
        const auto name = pki::parse_name(text);
        CHECK(name.has_value());
        OSSL_CMP_CTX_set1_subjectName(context(), name->get());
    }
    void renew(const openssl::X509Ptr& certificate) {
        OSSL_CMP_CTX_set1_oldCert(context(), certificate.get());
    }
    // By PKCS #10 in place of CRMF.
    void ask_by_pkcs10() {
        const std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>> request(X509_REQ_new());
        X509_REQ_set_subject_name(request.get(), pki::parse_name(subject)->get());
        X509_REQ_set_pubkey(request.get(), key());
        CHECK(X509_REQ_sign(request.get(), key(), EVP_sha256()) > 0);
        OSSL_CMP_CTX_set1_p10CSR(context(), request.get());
    }

    // The first message and a poll, or the next one: whether there is a certificate; nothing while
    // it waits.
    std::optional<bool> ask(int type) {
        ERR_clear_error();
        const int state = OSSL_CMP_try_certreq(context(), type, nullptr, &after_s);
        return state == -1 ? std::nullopt : std::optional(state == 1);
    }
    openssl::X509Ptr certificate() const {
        auto* certificate = OSSL_CMP_CTX_get0_newCert(context());
        CHECK(certificate != nullptr);
        X509_up_ref(certificate);
        return openssl::X509Ptr(certificate);
    }
    bool revoke(const openssl::X509Ptr& certificate, int reason) {
        ERR_clear_error();
        OSSL_CMP_CTX_reinit(context());
        OSSL_CMP_CTX_set1_oldCert(context(), certificate.get());
        OSSL_CMP_CTX_set_option(context(), OSSL_CMP_OPT_REVOCATION_REASON, reason);
        return OSSL_CMP_exec_RR_ses(context()) == 1;
    }
    std::string refusal() const {
        auto words = external_ca::words_of_refusal(context());
        for (const auto& one : external_ca::take_cmp_faults()) {
            words += " | " + one.detail;
        }
        return words;
    }

    void turn_to(CmpAuthority& authority) { authority_ = &authority; }

    int after_s = 0;
    std::vector<Bytes> sent;
    std::function<void(Bytes&)> on_the_way = [](Bytes&) {};
    std::optional<Error> error;  // of the last message that had no answer
    std::optional<Error> fault;  // of the last that had one

private:
    static OSSL_CMP_MSG* transfer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* message) {
        auto& self = *static_cast<Client*>(OSSL_CMP_CTX_get_transfer_cb_arg(context));
        self.sent.push_back(openssl::to_der(message, i2d_OSSL_CMP_MSG));
        self.on_the_way(self.sent.back());
        auto answer = self.authority_->answer(self.account_, self.sent.back());
        if (!answer) {
            self.error = answer.error();
            return nullptr;
        }
        self.fault = answer->fault;
        return openssl::from_der<CmpMessagePtr>(answer->message, d2i_OSSL_CMP_MSG).release();
    }

    CmpAuthority* authority_;
    const std::string account_;
    const std::unique_ptr<OSSL_CMP_CTX, openssl::Freed<OSSL_CMP_CTX_free>> context_;
};

class CmpAuthorityTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        serve();
        account_ = add("hospital");
    }

    void serve() {
        authority_ = std::make_unique<CmpAuthority>(
            *cloud_.database, cloud_.clock, cloud_->transactions, cloud_->credentials);
    }
    CmpAccount add(const std::string& name, pki::Profile profile = pki::Profile::person) {
        auto account = authority_->add_account(name, profile);
        CHECK(account.has_value());
        return *std::move(account);
    }
    Client client() { return client(account_); }
    Client client(const CmpAccount& account) { return {*authority_, account.name, account.secret}; }

    std::vector<approval::PendingItem> pending() {
        auto waiting = cloud_->approvals.pending(cloud_.officer());
        CHECK(waiting.has_value());
        return *std::move(waiting);
    }
    ListedRequest newest() {
        auto page = authority_->requests("", 1);
        CHECK(page.has_value() && page->size() == 1);
        return std::move(page->front());
    }
    // Asks, and comes back when it was told to: the officers are asked.
    void ask_officers(Client& client, int type = OSSL_CMP_IR) {
        const auto first = client.ask(type);
        CHECK(!first && client.after_s == 3);
        cloud_.advance(3'000);
        const auto second = client.ask(type);
        CHECK(!second);
    }
    openssl::X509Ptr certified(Client& client, int type = OSSL_CMP_IR) {
        ask_officers(client, type);
        CHECK(cloud_.officer_approves_all() == 1);
        CHECK(client.ask(type) == true);
        return client.certificate();
    }
    store::IssuedCertificate issued(const openssl::X509Ptr& certificate) {
        const auto facts = pki::read_certificate(openssl::to_der(certificate.get(), i2d_X509));
        auto row = cloud_.database->read([&](store::Session& session) {
            return store::CertificateTable(session).by_serial(facts->serial_number);
        });
        CHECK(row.has_value() && *row);
        return **std::move(row);
    }

    Cloud cloud_;
    std::unique_ptr<CmpAuthority> authority_;
    CmpAccount account_;
};

TEST_F(CmpAuthorityTest, CertifiesWhatTheOfficersApprove) {
    struct Row {
        int type;
        EVP_PKEY* key;
    };
    const auto root = openssl::read_x509(*cloud_->credentials.root_certificate());
    for (const auto& [type, key] : {Row{OSSL_CMP_IR, EVP_EC_gen("P-256")},
                                    Row{OSSL_CMP_CR, EVP_EC_gen("P-384")},
                                    Row{OSSL_CMP_CR, EVP_RSA_gen(2048)},
                                    Row{OSSL_CMP_P10CR, EVP_EC_gen("P-256")}}) {
        auto asking = client();
        asking.use(key);
        if (type == OSSL_CMP_P10CR) {
            asking.ask_by_pkcs10();
        }
        ASSERT_EQ(asking.ask(type), std::nullopt) << asking.refusal();
        EXPECT_EQ(asking.after_s, 3);
        EXPECT_TRUE(pending().empty());  // who does not come back bothers nobody
        cloud_.advance(3'000);
        ASSERT_EQ(asking.ask(type), std::nullopt) << asking.refusal();
        EXPECT_EQ(asking.after_s, 1);
        const auto waiting = pending();
        ASSERT_EQ(waiting.size(), 1u);
        EXPECT_EQ(waiting[0].transaction.portal, "CMP: hospital");
        EXPECT_EQ(waiting[0].transaction.documents.size(), 1u);
        ASSERT_EQ(asking.ask(type), std::nullopt);
        EXPECT_EQ(pending().size(), 1u);

        EXPECT_EQ(cloud_.officer_approves_all(), 1u);
        ASSERT_EQ(asking.ask(type), true) << asking.refusal();

        const auto certificate = asking.certificate();
        EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(root.get())), 1);
        EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key), 1);
        EXPECT_EQ(pki::format_name(X509_get_subject_name(certificate.get())), subject);
        EXPECT_EQ(X509_get_key_usage(certificate.get()),
                  static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
        const auto listed = newest();
        EXPECT_EQ(listed.request.state, CmpState::confirmed);
        EXPECT_EQ(listed.credential.status, CredentialStatus::enabled);
        EXPECT_EQ(listed.credential.owner_kind, store::CredentialOwner::outside);
        EXPECT_FALSE(listed.credential.blob.has_value());
    }
}

TEST_F(CmpAuthorityTest, AsksTheOfficersOnceForAllThatWaitOfAnAccount) {
    const auto clinic = add("clinic", pki::Profile::device);
    auto first = client();
    auto second = client();
    auto third = client(clinic);
    for (auto* one : {&first, &second, &third}) {
        ASSERT_EQ(one->ask(OSSL_CMP_IR), std::nullopt);
        cloud_.advance(1);
    }
    cloud_.advance(3'000);

    ASSERT_EQ(second.ask(OSSL_CMP_IR), std::nullopt);

    const auto waiting = pending();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].transaction.documents.size(), 2u);
    EXPECT_EQ(waiting[0].transaction.portal, "CMP: hospital");
    ASSERT_EQ(first.ask(OSSL_CMP_IR), std::nullopt);
    ASSERT_EQ(third.ask(OSSL_CMP_IR), std::nullopt);
    ASSERT_EQ(pending().size(), 2u);
    EXPECT_EQ(pending()[1].transaction.portal, "CMP: clinic");
    EXPECT_EQ(cloud_.officer_approves_all(), 2u);
    for (auto* one : {&first, &second, &third}) {
        EXPECT_EQ(one->ask(OSSL_CMP_IR), true) << one->refusal();
    }
    EXPECT_EQ(X509_get_extended_key_usage(third.certificate().get()),
              static_cast<std::uint32_t>(XKU_SSL_CLIENT));
}

// However many of its requests come in: one question of an account is open at a time.
TEST_F(CmpAuthorityTest, AsksTheNextQuestionWhenTheOneBeforeIsAnswered) {
    auto first = client();
    ask_officers(first);
    auto second = client();
    ASSERT_EQ(second.ask(OSSL_CMP_IR), std::nullopt);
    cloud_.advance(3'000);
    ASSERT_EQ(second.ask(OSSL_CMP_IR), std::nullopt);
    EXPECT_EQ(pending().size(), 1u);
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    cloud_.advance(1'000);
    ASSERT_EQ(second.ask(OSSL_CMP_IR), std::nullopt);
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(second.ask(OSSL_CMP_IR), true);
}

// The operator has the officers asked about one of them; that question is waited for.
TEST_F(CmpAuthorityTest, TakesUpAQuestionOfTheOperators) {
    auto asked = client();
    ASSERT_EQ(asked.ask(OSSL_CMP_IR), std::nullopt);
    const auto question = cloud_->credentials.request_certificates({newest().credential.id});
    ASSERT_TRUE(question.has_value());
    cloud_.advance(3'000);
    ASSERT_EQ(asked.ask(OSSL_CMP_IR), std::nullopt);
    EXPECT_EQ(pending().size(), 1u);
    EXPECT_EQ(newest().request.office_id, question->id);
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(asked.ask(OSSL_CMP_IR), true);
}

TEST_F(CmpAuthorityTest, TellsTheOfficesDecisionWhoeverAsks) {
    auto approved = client();
    ask_officers(approved);
    EXPECT_EQ(newest().request.state, CmpState::waiting);
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(newest().request.state, CmpState::issued);
    auto unanswered = client();
    ask_officers(unanswered);
    cloud_.advance(tests::support::answer_ms + 1);
    EXPECT_EQ(newest().request.state, CmpState::refused);
}

// Who asked under the secret of before may have been somebody else.
TEST_F(CmpAuthorityTest, WhatWaitsUnderTheSecretOfBeforeIsWithdrawn) {
    auto asked = client();
    ask_officers(asked);
    const auto renewed = authority_->renew_secret("hospital");
    ASSERT_TRUE(renewed.has_value());
    EXPECT_TRUE(pending().empty());
    EXPECT_EQ(newest().request.detail, "the account's secret was changed: ask anew");
    cloud_.advance(1);
    auto anew = client(*renewed);
    certified(anew);
}

TEST_F(CmpAuthorityTest, WithdrawsHoweverManyWait) {
    constexpr std::size_t count = 120;
    for (std::size_t i = 0; i < count; ++i) {
        auto asked = client();
        ASSERT_EQ(asked.ask(OSSL_CMP_IR), std::nullopt);
    }
    ASSERT_TRUE(authority_->remove_account("hospital").has_value());
    const auto left = cloud_.database->read([](store::Session& session) {
        return store::CmpTable(session).count_waiting("hospital", 0);
    });
    ASSERT_TRUE(left.has_value());
    EXPECT_EQ(*left, 0);
}

// Two at once: whoever read the row first writes nothing over what the other has written.
TEST_F(CmpAuthorityTest, ARowOfBeforeWritesOverNothing) {
    auto asking = client();
    ask_officers(asking);
    const auto before = newest().request;
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    ASSERT_EQ(asking.ask(OSSL_CMP_IR), true) << asking.refusal();
    CmpRequests requests(*cloud_.database, cloud_.clock, cloud_->transactions, cloud_->credentials);

    const auto settled = requests.settled(before);

    ASSERT_TRUE(settled.has_value());
    EXPECT_EQ(settled->state, CmpState::confirmed);
    // But what ends, ends.
    ASSERT_TRUE(requests.end(before, "over").has_value());
    EXPECT_EQ(newest().request.state, CmpState::refused);
    EXPECT_EQ(newest().request.detail, "over");
}

TEST_F(CmpAuthorityTest, WhatARemovedAccountWaitsForIsWithdrawn) {
    auto asked = client();
    ask_officers(asked);
    cloud_.advance(1);
    auto unasked = client();
    ASSERT_EQ(unasked.ask(OSSL_CMP_IR), std::nullopt);

    ASSERT_TRUE(authority_->remove_account("hospital").has_value());

    EXPECT_TRUE(pending().empty());
    const auto page = authority_->requests("", 10);
    ASSERT_TRUE(page.has_value());
    for (const auto& [request, credential] : *page) {
        EXPECT_EQ(request.state, CmpState::refused);
        EXPECT_EQ(request.detail, "the account was removed");
        EXPECT_EQ(credential.status, CredentialStatus::deleted);
    }
}

TEST_F(CmpAuthorityTest, WhatTheOfficeRevokesMeanwhileHoldsUpNobody) {
    auto revoked = client();
    ASSERT_EQ(revoked.ask(OSSL_CMP_IR), std::nullopt);
    ASSERT_TRUE(
        cloud_->credentials.revoke(newest().credential.id, pki::RevocationReason::unspecified)
            .has_value());
    cloud_.advance(1);
    auto other = client();

    certified(other);

    EXPECT_EQ(revoked.ask(OSSL_CMP_IR), false);
    EXPECT_NE(revoked.refusal().find("was revoked"), std::string::npos) << revoked.refusal();
}

// Who does not confirm is asked for no confirmation, however long it took.
TEST_F(CmpAuthorityTest, GrantsImplicitConfirmation) {
    auto asking = client();
    OSSL_CMP_CTX_set_option(asking.context(), OSSL_CMP_OPT_IMPLICIT_CONFIRM, 1);
    certified(asking);
    EXPECT_EQ(newest().request.state, CmpState::issued);
}

TEST_F(CmpAuthorityTest, GoesOnAfterARestart) {
    auto asking = client();
    ask_officers(asking);

    cloud_.restart_server();
    serve();
    asking.turn_to(*authority_);

    ASSERT_EQ(asking.ask(OSSL_CMP_IR), std::nullopt) << asking.refusal();
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    EXPECT_EQ(asking.ask(OSSL_CMP_IR), true) << asking.refusal();
    EXPECT_EQ(newest().request.state, CmpState::confirmed);
}

TEST_F(CmpAuthorityTest, SaysWhenTheOfficersDoNotApprove) {
    auto rejected = client();
    ask_officers(rejected);
    ASSERT_TRUE(
        cloud_->transactions
            .refuse(pending().at(0).transaction, transaction::TransactionService::Refusal::reject)
            .has_value());
    auto unanswered = client();
    ask_officers(unanswered);
    cloud_.advance(tests::support::answer_ms + 1);

    for (auto* one : {&rejected, &unanswered}) {
        ASSERT_EQ(one->ask(OSSL_CMP_IR), false);
        EXPECT_NE(one->refusal().find("the officers did not approve the certificate"),
                  std::string::npos)
            << one->refusal();
    }
    EXPECT_EQ(newest().request.state, CmpState::refused);
    EXPECT_EQ(newest().credential.status, CredentialStatus::deleted);
}

TEST_F(CmpAuthorityTest, ClientsThatWaitLongWaitLonger) {
    auto asking = client();
    ASSERT_EQ(asking.ask(OSSL_CMP_IR), std::nullopt);
    cloud_.advance(5 * 60 * 1000);
    ASSERT_EQ(asking.ask(OSSL_CMP_IR), std::nullopt);
    EXPECT_EQ(asking.after_s, 30);
}

TEST_F(CmpAuthorityTest, UpdatesAKeyOfTheSameSubjectAndAccount) {
    auto first = client();
    const auto before = certified(first);
    auto updating = client();
    updating.renew(before);

    const auto after = certified(updating, OSSL_CMP_KUR);

    EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(after.get()), updating.key()), 1);
    EXPECT_EQ(pki::format_name(X509_get_subject_name(after.get())), subject);
    EXPECT_EQ(issued(before).status, store::IssuedStatus::good);

    auto renamed = client();
    renamed.renew(before);
    renamed.name_subject("CN=Trần Thị B,O=Bệnh viện A,C=VN");
    EXPECT_EQ(renamed.ask(OSSL_CMP_KUR), false);
    EXPECT_NE(renamed.refusal().find("for the subject of before"), std::string::npos);
    auto other = client(add("clinic"));
    other.renew(before);
    EXPECT_EQ(other.ask(OSSL_CMP_KUR), false);
    EXPECT_NE(other.refusal().find("none of this account's"), std::string::npos);
}

TEST_F(CmpAuthorityTest, RevokesWhatItsAccountWasGiven) {
    auto asking = client();
    const auto certificate = certified(asking);
    auto other = client(add("clinic"));
    EXPECT_FALSE(other.revoke(certificate, 1));
    EXPECT_NE(other.refusal().find("no certificate of this account"), std::string::npos);
    EXPECT_FALSE(asking.revoke(certificate, 6));
    EXPECT_NE(asking.refusal().find("held and released by the operator"), std::string::npos);
    EXPECT_EQ(issued(certificate).status, store::IssuedStatus::good);

    EXPECT_TRUE(asking.revoke(certificate, 1)) << asking.refusal();

    const auto row = issued(certificate);
    EXPECT_EQ(row.status, store::IssuedStatus::revoked);
    EXPECT_EQ(row.reason, static_cast<std::int64_t>(pki::RevocationReason::key_compromise));
    EXPECT_TRUE(pending().empty());  // no module has the key
    EXPECT_FALSE(asking.revoke(certificate, 1));
    EXPECT_NE(asking.refusal().find("revoked already"), std::string::npos);
}

// A person's key of this appliance, certified here, is none of an account's.
TEST_F(CmpAuthorityTest, RevokesNobodyElses) {
    const auto person = cloud_.enrol("an");
    auto asking = client();
    EXPECT_FALSE(asking.revoke(openssl::read_x509(*person.credential.certificate), 1));
    EXPECT_EQ(cloud_.stored_credential(person.credential.id).status, CredentialStatus::enabled);
}

// Our own client of authorities outside, as another appliance has it.
class ByAnotherAppliance : public CmpAuthorityTest {
protected:
    Result<external_ca::CaAnswer> ask(const external_ca::Check& check,
                                      std::chrono::milliseconds patience,
                                      const Bytes& transaction = {}) {
        external_ca::CmpSettings settings;
        settings.url = "http://authority/pki/cmp/hospital";
        external_ca::CmpSecret secret{account_.name, {}};
        CHECK(secret.secret.assign(hsm::view_of(account_.secret)));
        settings.protection = std::move(secret);
        settings.patience = patience;
        external_ca::Waiting waiting;
        waiting.now = [this] { return now_; };
        waiting.wait = [this](std::chrono::milliseconds time) {
            now_ += time;
            cloud_.advance(time.count());
            cloud_.officer_approves_all();
        };
        const auto fetch = [this](const evidence::FetchRequest& request) -> Result<Bytes> {
            TRY_ASSIGN(auto answer, authority_->answer(account_.name, request.body));
            return std::move(answer.message);
        };
        return external_ca::CmpClient(std::move(settings), fetch, waiting)
            .request({request_, {}, transaction}, check);
    }

    static Bytes made_request() {
        const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
        const std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>> request(X509_REQ_new());
        X509_REQ_set_subject_name(request.get(), pki::parse_name(subject)->get());
        X509_REQ_set_pubkey(request.get(), key.get());
        CHECK(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
        return openssl::to_der(request.get(), i2d_X509_REQ);
    }

    const Bytes request_ = made_request();
    std::chrono::steady_clock::time_point now_;
};

TEST_F(ByAnotherAppliance, IsCertifiedWithTheRootBeside) {
    std::vector<external_ca::Issued> seen;
    const auto answer = ask(
        [&](const external_ca::Issued& issued) -> Result<void> {
            seen.push_back(issued);
            return {};
        },
        std::chrono::seconds(30));

    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    ASSERT_TRUE(std::holds_alternative<external_ca::Issued>(*answer));
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].others, std::vector<Bytes>(1, *cloud_->credentials.root_certificate()));
    EXPECT_EQ(newest().request.state, CmpState::confirmed);
}

TEST_F(ByAnotherAppliance, ComesBackForItLater) {
    const auto yes = [](const external_ca::Issued&) { return Result<void>(); };
    const auto first = ask(yes, std::chrono::milliseconds(500));
    ASSERT_TRUE(first.has_value()) << first.error().detail;
    const auto& later = std::get<external_ca::AskLater>(*first);
    EXPECT_EQ(later.after_ms, 3'000);
    cloud_.advance(later.after_ms);
    const auto second = ask(yes, std::chrono::milliseconds(500), later.transaction);
    ASSERT_TRUE(second.has_value()) << second.error().detail;
    ASSERT_TRUE(std::holds_alternative<external_ca::AskLater>(*second));
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);

    const auto third = ask(
        yes, std::chrono::milliseconds(500), std::get<external_ca::AskLater>(*second).transaction);

    ASSERT_TRUE(third.has_value()) << third.error().detail;
    EXPECT_TRUE(std::holds_alternative<external_ca::Issued>(*third));
}

TEST_F(ByAnotherAppliance, WhatItDoesNotTakeIsRevoked) {
    const auto answer = ask(
        [](const external_ca::Issued&) -> Result<void> {
            return Error{ErrorKind::conflict, "another subject"};
        },
        std::chrono::seconds(30));

    EXPECT_EQ(kind_of(answer), ErrorKind::conflict);
    const auto listed = newest();
    EXPECT_EQ(listed.request.state, CmpState::refused);
    EXPECT_EQ(listed.request.detail, "the client did not take the certificate");
    EXPECT_EQ(listed.credential.status, CredentialStatus::deleted);
}

// ---- what is refused

TEST_F(CmpAuthorityTest, RefusesARequestThatItsProfileDoesNotHave) {
    auto nobody = client(add("organisations", pki::Profile::organisation));
    nobody.name_subject("CN=An,C=VN");
    EXPECT_EQ(nobody.ask(OSSL_CMP_IR), false);
    EXPECT_NE(nobody.refusal().find("O is missing"), std::string::npos) << nobody.refusal();

    auto talkative = client();
    const auto units = pki::parse_name("CN=An");
    for (int i = 0; i < 17; ++i) {
        const std::string unit(60, static_cast<char>('a' + i));
        const auto* text = reinterpret_cast<const unsigned char*>(unit.c_str());
        X509_NAME_add_entry_by_txt(units->get(), "OU", MBSTRING_UTF8, text, -1, -1, 0);
    }
    OSSL_CMP_CTX_set1_subjectName(talkative.context(), units->get());
    EXPECT_EQ(talkative.ask(OSSL_CMP_IR), false);
    EXPECT_NE(talkative.refusal().find("longer than 1,024"), std::string::npos);

    auto curve = client();
    curve.use(EVP_EC_gen("P-521"));
    EXPECT_EQ(curve.ask(OSSL_CMP_IR), false);
    EXPECT_NE(curve.refusal().find("P-256 or P-384"), std::string::npos) << curve.refusal();
    auto small = client();
    small.use(EVP_RSA_gen(1024));
    EXPECT_EQ(small.ask(OSSL_CMP_IR), false);
    EXPECT_NE(small.refusal().find("2048, 3072 or 4096"), std::string::npos);
    for (auto* key : {rsa_key(3), explicit_curve(), compressed_point()}) {
        auto strange = client();
        strange.use(key);
        EXPECT_EQ(strange.ask(OSSL_CMP_IR), false);
        EXPECT_NE(strange.refusal().find("named curve"), std::string::npos) << strange.refusal();
    }

    auto page = authority_->requests("", 10);
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(page->empty());
}

TEST_F(CmpAuthorityTest, WantsTheKeysOwnSignature) {
    auto asking = client();
    OSSL_CMP_CTX_set_option(asking.context(), OSSL_CMP_OPT_POPO_METHOD, OSSL_CRMF_POPO_RAVERIFIED);
    EXPECT_EQ(asking.ask(OSSL_CMP_IR), false);
    EXPECT_NE(asking.refusal().find("badPOP"), std::string::npos) << asking.refusal();
}

TEST_F(CmpAuthorityTest, BelievesNoOtherSecret) {
    auto good = client();
    ASSERT_EQ(good.ask(OSSL_CMP_IR), std::nullopt);
    Client wrong(*authority_, "hospital", "another");
    EXPECT_EQ(wrong.ask(OSSL_CMP_IR), false);
    auto page = authority_->requests("", 10);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->size(), 1u);

    // Nor a poll that somebody else makes up: the officers are not asked.
    auto poll = client();
    ASSERT_EQ(poll.ask(OSSL_CMP_IR), std::nullopt);
    cloud_.advance(3'000);
    poll.on_the_way = [](Bytes& message) { message.back() ^= 1; };  // the protection
    EXPECT_EQ(poll.ask(OSSL_CMP_IR), false);
    EXPECT_TRUE(pending().empty());
    EXPECT_EQ(newest().request.state, CmpState::waiting);
}

TEST_F(CmpAuthorityTest, TakesAMessageOnce) {
    auto asking = client();
    ASSERT_EQ(asking.ask(OSSL_CMP_IR), std::nullopt);
    ASSERT_TRUE(authority_->answer("hospital", asking.sent.front()).has_value());
    EXPECT_EQ(authority_->requests("", 10)->size(), 1u);

    auto other = client();
    other.name_subject("CN=Trần Thị B,C=VN");
    const auto first = openssl::from_der<CmpMessagePtr>(asking.sent.front(), d2i_OSSL_CMP_MSG);
    OSSL_CMP_CTX_set1_transactionID(
        other.context(), OSSL_CMP_HDR_get0_transactionID(OSSL_CMP_MSG_get0_header(first.get())));
    EXPECT_EQ(other.ask(OSSL_CMP_IR), false);
    EXPECT_NE(other.refusal().find("transactionIdInUse"), std::string::npos) << other.refusal();
    EXPECT_EQ(authority_->requests("", 10)->size(), 1u);
}

TEST_F(CmpAuthorityTest, ReadsNothingButProtectedMessages) {
    auto asking = client();
    ASSERT_EQ(asking.ask(OSSL_CMP_IR), std::nullopt);
    const auto good = asking.sent.front();
    EXPECT_EQ(kind_of(authority_->answer("hospital", {})), ErrorKind::invalid);
    EXPECT_EQ(kind_of(authority_->answer("hospital", Bytes(100, 0x30))), ErrorKind::invalid);
    auto longer = good;
    longer.push_back(0);
    EXPECT_EQ(kind_of(authority_->answer("hospital", longer)), ErrorKind::invalid);
    for (std::size_t size = 0; size < good.size(); size += 7) {
        const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(kind_of(authority_->answer("hospital", cut)), ErrorKind::invalid);
    }
    // 500 rounds (OpenSSL's default) made 32,500.
    auto costly = good;
    const Bytes rounds = {0x02, 0x02, 0x01, 0xf4};
    const auto at = std::search(costly.begin(), costly.end(), rounds.begin(), rounds.end());
    ASSERT_NE(at, costly.end());
    at[2] = 0x7e;
    const auto answer = authority_->answer("hospital", costly);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().detail,
              "the password-based MAC takes too many rounds: 10,000 at most");

    Client open(*authority_, "hospital", "x");
    OSSL_CMP_CTX_set1_secretValue(open.context(), nullptr, 0);
    OSSL_CMP_CTX_set_option(open.context(), OSSL_CMP_OPT_UNPROTECTED_SEND, 1);
    EXPECT_EQ(open.ask(OSSL_CMP_IR), false);
    ASSERT_TRUE(open.error.has_value());
    EXPECT_NE(open.error->detail.find("has to be protected"), std::string::npos);
}

TEST_F(CmpAuthorityTest, AccountsComeAndGo) {
    EXPECT_EQ(kind_of(authority_->add_account("hospital", pki::Profile::person)),
              ErrorKind::conflict);
    EXPECT_EQ(kind_of(authority_->add_account("Hospital A", pki::Profile::person)),
              ErrorKind::invalid);
    auto asking = client();
    const auto certificate = certified(asking);

    const auto renewed = authority_->renew_secret("hospital");
    ASSERT_TRUE(renewed.has_value());
    EXPECT_NE(renewed->secret, account_.secret);
    EXPECT_FALSE(asking.revoke(certificate, 1));  // the secret of before
    auto anew = client(*renewed);
    EXPECT_TRUE(anew.revoke(certificate, 1)) << anew.refusal();

    EXPECT_TRUE(authority_->remove_account("hospital").has_value());

    EXPECT_FALSE(anew.revoke(certificate, 1));
    ASSERT_TRUE(anew.error.has_value());
    EXPECT_EQ(anew.error->kind, ErrorKind::not_found);
    EXPECT_EQ(kind_of(authority_->remove_account("hospital")), ErrorKind::not_found);
    EXPECT_EQ(kind_of(authority_->answer("nobody", {})), ErrorKind::not_found);
    EXPECT_EQ(kind_of(authority_->renew_secret("hospital")), ErrorKind::not_found);
    // Whoever has the name next has none of its certificates.
    EXPECT_EQ(kind_of(authority_->add_account("hospital", pki::Profile::device)),
              ErrorKind::conflict);
    EXPECT_EQ(kind_of(authority_->add_account("..", pki::Profile::device)), ErrorKind::invalid);
}

TEST_F(CmpAuthorityTest, AKeyThatOthersMayHaveIsNotCertifiedAgain) {
    auto asking = client();
    const auto certificate = certified(asking);
    ASSERT_TRUE(asking.revoke(certificate, 1)) << asking.refusal();
    auto again = client(add("clinic"));
    EVP_PKEY_up_ref(asking.key());
    again.use(asking.key());
    EXPECT_EQ(again.ask(OSSL_CMP_IR), false);
    EXPECT_NE(again.refusal().find("keyCompromise"), std::string::npos) << again.refusal();
}

// RFC 4211 §4.1: over anything but the request, it would do for somebody else's request as well.
TEST(CertificateWish, TakesNoProofOverSomethingElse) {
    const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
    const auto spki = openssl::to_der(key.get(), i2d_PUBKEY);
    auto tagged = spki;
    tagged.front() = 0xa6;
    const auto request = element(0x30, joined({Bytes{0x02, 0x01, 0x00}, element(0x30, tagged)}));
    const Bytes sender = {0xa0, 0x04, 0xa4, 0x02, 0x30, 0x00};
    const Bytes signature = {0x30,
                             0x0a,
                             0x06,
                             0x08,
                             0x2a,
                             0x86,
                             0x48,
                             0xce,
                             0x3d,
                             0x04,
                             0x03,
                             0x02,
                             0x03,
                             0x02,
                             0x00,
                             0x01};
    const auto wish_with = [&](const Bytes& input) {
        const auto proof = element(0xa1, joined({input, signature}));
        const std::unique_ptr<OSSL_CRMF_MSG, openssl::Freed<OSSL_CRMF_MSG_free>> message(
            openssl::from_der<std::unique_ptr<OSSL_CRMF_MSG, openssl::Freed<OSSL_CRMF_MSG_free>>>(
                element(0x30, joined({request, proof})), d2i_OSSL_CRMF_MSG));
        CHECK(message != nullptr);
        return read_wish(message.get());
    };

    const auto plain = wish_with({});
    const auto other = wish_with(element(0xa0, joined({sender, spki})));

    ASSERT_TRUE(plain.has_value()) << plain.error().detail;
    EXPECT_EQ(plain->spki, spki);
    ASSERT_FALSE(other.has_value());
    EXPECT_NE(other.error().detail.find("poposkInput"), std::string::npos) << other.error().detail;
}

TEST_F(CmpAuthorityTest, AnEmptyConfirmationRejectsTheCertificate) {
    auto asking = client();
    ask_officers(asking);
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    // What the client sends in its certConf is made empty; the message is protected anew.
    asking.on_the_way = [&](Bytes& message) {
        const auto parsed = openssl::from_der<CmpMessagePtr>(message, d2i_OSSL_CMP_MSG);
        if (has_body(parsed.get(), CmpBody::cert_conf)) {
            message = without_certificates(message, account_.secret);
        }
    };
    EXPECT_EQ(asking.ask(OSSL_CMP_IR), true) << asking.refusal();
    EXPECT_EQ(newest().request.state, CmpState::refused);
    EXPECT_EQ(newest().credential.status, CredentialStatus::deleted);
}

TEST_F(CmpAuthorityTest, IsRenewedByWhoKeepsTheKey) {
    auto asking = client();
    certified(asking);
    const auto renewal = cloud_->credentials.renew({newest().credential.id},
                                                   credential::OldCertificate::stays_valid);
    ASSERT_FALSE(renewal.has_value());
    EXPECT_NE(renewal.error().detail.find("is kept elsewhere"), std::string::npos);
}

}  // namespace
}  // namespace cloudsign::cmp
