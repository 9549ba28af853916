#include "cloudsign/external_ca/cmp_client.h"

#include <algorithm>

#include <openssl/err.h>

#include "cloudsign/external_ca/cmp_context.h"
#include "cloudsign/external_ca/cmp_transport.h"
#include "cloudsign/external_ca/cmp_words.h"
#include "cloudsign/fault_text.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

using RequestPtr = std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>>;

// What OSSL_CMP_try_certreq() answers.
constexpr int is_issued = 1;
constexpr int is_waiting = -1;

// RFC 4210 §5.3.22 counts in seconds; whoever says 0 is not asked without a pause all the same.
constexpr std::chrono::seconds pause_min{1};

// A no that says nothing about what was asked.
constexpr int out_of_order =
    OSSL_CMP_CTX_FAILINFO_systemUnavail | OSSL_CMP_CTX_FAILINFO_systemFailure;

constexpr std::size_t told_size_max = 200;

// OpenSSL's error queue belongs to one call: it finds none of others' there, and leaves none.
class CleanQueue {
public:
    CleanQueue() { ERR_clear_error(); }
    CleanQueue(const CleanQueue&) = delete;
    CleanQueue& operator=(const CleanQueue&) = delete;
    ~CleanQueue() { ERR_clear_error(); }
};

// A certificate that has come, and the decision about it.
struct Acceptance {
    const Check& check;
    Issued issued;
    std::optional<Result<void>> decision;
    std::string told;
    std::exception_ptr thrown;
};

void add_all(std::vector<Bytes>& others, const pki::CertificatesPtr& certificates) {
    for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
        others.push_back(openssl::to_der(sk_X509_value(certificates.get(), i), i2d_X509));
    }
}

Result<void> decide(OSSL_CMP_CTX* context, X509* certificate, int failure, Acceptance& acceptance) {
    auto& issued = acceptance.issued;
    issued.certificate = openssl::to_der(certificate, i2d_X509);
    add_all(issued.others, pki::CertificatesPtr(OSSL_CMP_CTX_get1_extraCertsIn(context)));
    add_all(issued.others, pki::CertificatesPtr(OSSL_CMP_CTX_get1_caPubs(context)));
    if (failure != 0) {
        // Asked again, it would issue one more.
        return Error{ErrorKind::conflict,
                     "the authority's certificate is for another key than was asked for"};
    }
    return acceptance.check(issued);
}

// An OSSL_CMP_certConf_cb_t: answers 0, or the PKIFailureInfo that the authority is told.
int confirm(OSSL_CMP_CTX* context, X509* certificate, int failure, const char** text) {
    auto& acceptance = *static_cast<Acceptance*>(OSSL_CMP_CTX_get_certConf_cb_arg(context));
    try {
        acceptance.decision = decide(context, certificate, failure, acceptance);
        // The check may have left errors on OpenSSL's queue, which are no answer to CMP's
        // questions.
        ERR_clear_error();
        if (*acceptance.decision) {
            return 0;
        }
        acceptance.told = fault_text(acceptance.decision->error().detail, told_size_max);
        *text = acceptance.told.c_str();
    } catch (...) {
        acceptance.thrown = std::current_exception();
    }
    return failure != 0 ? failure : OSSL_CMP_CTX_FAILINFO_incorrectData;
}

// The reason why OpenSSL has failed, where the way there was not to blame.
Result<Refused> refusal(const OSSL_CMP_CTX* context) {
    const auto faults = take_cmp_faults();
    if (!says_no(faults)) {
        return error_of(faults);
    }
    auto words = words_of_refusal(context);
    if (names_failure(context, out_of_order)) {
        return Error{ErrorKind::unavailable, std::move(words)};
    }
    return Refused{std::move(words)};
}

// One call's budget of time.
class Patience {
public:
    Patience(const Waiting& waiting, std::chrono::milliseconds of)
        : waiting_(waiting), end_(waiting.now() + of) {}

    std::chrono::milliseconds left() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(end_ - waiting_.now());
    }

    // False when there is not so much left.
    bool wait(std::chrono::milliseconds time) const {
        if (time > left()) {
            return false;
        }
        waiting_.wait(time);
        return true;
    }

private:
    const Waiting& waiting_;
    const std::chrono::steady_clock::time_point end_;
};

// What the message will say, and which it is: OSSL_CMP_IR and its like. `invalid` for a request
// that its key has not signed, and a certificate that cannot be read.
Result<int> put_question(OSSL_CMP_CTX* context,
                         const CertificateQuestion& question,
                         CmpAsking asking) {
    const auto wanted = openssl::from_der<RequestPtr>(question.pkcs10, d2i_X509_REQ);
    EVP_PKEY* key = wanted ? X509_REQ_get0_pubkey(wanted.get()) : nullptr;
    if (key == nullptr || X509_REQ_verify(wanted.get(), key) != 1) {
        return Error{ErrorKind::invalid,
                     "the certification request cannot be read, or its key has not signed it"};
    }
    if (asking == CmpAsking::p10cr) {
        CHECK(OSSL_CMP_CTX_set1_p10CSR(context, wanted.get()) == 1);
        return OSSL_CMP_P10CR;
    }
    constexpr int public_alone = 0;
    EVP_PKEY_up_ref(key);
    CHECK(OSSL_CMP_CTX_set0_newPkey(context, public_alone, key) == 1);
    CHECK(OSSL_CMP_CTX_set1_subjectName(context, X509_REQ_get_subject_name(wanted.get())) == 1);
    CHECK(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_POPO_METHOD, OSSL_CRMF_POPO_RAVERIFIED) ==
          1);
    if (question.renews.empty()) {
        return asking == CmpAsking::ir ? OSSL_CMP_IR : OSSL_CMP_CR;
    }
    const auto renewed = openssl::read_x509(question.renews);
    if (!renewed) {
        return Error{ErrorKind::invalid, "the certificate to renew cannot be read"};
    }
    CHECK(OSSL_CMP_CTX_set1_oldCert(context, renewed.get()) == 1);
    return OSSL_CMP_KUR;
}

enum class FirstPoll { after_pause, at_once };

// Asks until the authority has decided, or wants a longer pause than there is patience for: then
// nullopt, and `pause` is that. Otherwise whether there is a certificate.
std::optional<bool> ask(OSSL_CMP_CTX* context,
                        int type,
                        FirstPoll first_poll,
                        const Patience& patience,
                        std::chrono::seconds& pause) {
    int after_s = 0;
    int state = OSSL_CMP_try_certreq(context, type, nullptr, &after_s);
    bool is_due = first_poll == FirstPoll::at_once;
    while (state == is_waiting) {
        pause = std::max(std::chrono::seconds(after_s), pause_min);
        if (!is_due && !patience.wait(pause)) {
            return std::nullopt;
        }
        is_due = false;
        ERR_clear_error();  // of whatever ran on this thread meanwhile
        state = OSSL_CMP_try_certreq(context, type, nullptr, &after_s);
    }
    return state == is_issued;
}

}  // namespace

CmpClient::CmpClient(CmpSettings settings, evidence::Fetch fetch, Waiting waiting)
    : settings_(std::move(settings)), fetch_(std::move(fetch)), waiting_(std::move(waiting)) {}

Result<void> CmpClient::check_settings() const {
    const CleanQueue queue;
    TRY_ASSIGN(const auto peer, CmpPeer::create(settings_));
    TRY(open_cmp_context(settings_, *peer));
    return {};
}

Result<CaAnswer> CmpClient::request(const CertificateQuestion& question, const Check& check) {
    const CleanQueue queue;
    const Patience patience(waiting_, settings_.patience);
    CmpTransport transport(settings_.url, fetch_, [&] { return patience.left(); });
    Acceptance acceptance{check, {}, {}, {}, {}};
    TRY_ASSIGN(const auto peer, CmpPeer::create(settings_));
    TRY_ASSIGN(const auto context, open_cmp_context(settings_, *peer));
    CHECK(transport.serve(context.get()));
    CHECK(OSSL_CMP_CTX_set_certConf_cb(context.get(), confirm) == 1);
    CHECK(OSSL_CMP_CTX_set_certConf_cb_arg(context.get(), &acceptance) == 1);
    TRY_ASSIGN(const auto type, put_question(context.get(), question, settings_.asking));
    auto first_poll = FirstPoll::after_pause;
    if (!question.transaction.empty()) {
        TRY(transport.resume(context.get(), question.transaction));
        first_poll = FirstPoll::at_once;
    }

    std::chrono::seconds pause{};
    const auto has_certificate = ask(context.get(), type, first_poll, patience, pause);

    if (acceptance.thrown) {
        std::rethrow_exception(acceptance.thrown);
    }
    if (acceptance.decision && !*acceptance.decision) {
        return acceptance.decision->error();
    }
    if (auto fault = transport.take_fault()) {
        return *std::move(fault);
    }
    if (!has_certificate) {
        return CaAnswer(AskLater{std::chrono::milliseconds(pause).count(), transport.waiting()});
    }
    if (*has_certificate) {
        return CaAnswer(std::move(acceptance.issued));
    }
    TRY_ASSIGN(auto refused, refusal(context.get()));
    return CaAnswer(std::move(refused));
}

Result<void> CmpClient::revoke(const Bytes& certificate, pki::RevocationReason reason) {
    const CleanQueue queue;
    const auto revoked = openssl::read_x509(certificate);
    if (!revoked) {
        return Error{ErrorKind::invalid, "the certificate to revoke cannot be read"};
    }
    const Patience patience(waiting_, settings_.patience);
    CmpTransport transport(settings_.url, fetch_, [&] { return patience.left(); });
    TRY_ASSIGN(const auto peer, CmpPeer::create(settings_));
    TRY_ASSIGN(const auto context, open_cmp_context(settings_, *peer));
    CHECK(transport.serve(context.get()));
    CHECK(OSSL_CMP_CTX_set1_oldCert(context.get(), revoked.get()) == 1);
    // RFC 9483 §4.2: the reason is said also when it is `unspecified`.
    CHECK(OSSL_CMP_CTX_set_option(
              context.get(), OSSL_CMP_OPT_REVOCATION_REASON, static_cast<int>(reason)) == 1);

    const bool is_revoked = OSSL_CMP_exec_RR_ses(context.get()) == 1;

    if (auto fault = transport.take_fault()) {
        return *std::move(fault);
    }
    if (is_revoked) {
        return {};
    }
    TRY_ASSIGN(const auto refused, refusal(context.get()));
    if (names_failure(context.get(), OSSL_CMP_CTX_FAILINFO_certRevoked)) {
        return {};
    }
    return Error{ErrorKind::conflict, "the authority does not revoke: " + refused.reason};
}

}  // namespace cloudsign::external_ca
