#include "cloudsign/pki/timestamp_answer.h"

#include <openssl/err.h>
#include <openssl/ts.h>

#include "cloudsign/random.h"
#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;
using openssl::Freed;

using ContextPtr = std::unique_ptr<TS_RESP_CTX, Freed<TS_RESP_CTX_free>>;
using ResponsePtr = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;

constexpr int granted = TS_STATUS_GRANTED;
constexpr int accuracy_seconds = 1;
constexpr unsigned precision_digits = 3;

// OpenSSL signs the attributes; the module wants the TSTInfo beside them, which the context has by
// then.
class AttributeSigner final : public ExternalSigner {
public:
    explicit AttributeSigner(const TimestampKey& key) : key_(key) {}

    const Bytes& spki() const override { return key_.spki; }
    hsm::protocol::Algorithm algorithm() const override { return key_.algorithm; }
    Result<Bytes> sign(const Bytes& attributes) override {
        CHECK(ask != nullptr);
        auto* info = TS_RESP_CTX_get_tst_info(context);
        return (*ask)(openssl::to_der(info, i2d_TS_TST_INFO), attributes);
    }

    TS_RESP_CTX* context = nullptr;
    const TimestampSign* ask = nullptr;  // of the request that is being answered

private:
    const TimestampKey& key_;
};

ASN1_INTEGER* draw_serial(TS_RESP_CTX*, void*) {
    std::array<hsm::Byte, 16> bytes{};
    fill_random(bytes);
    const openssl::BignumPtr number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    return number && BN_is_zero(number.get()) == 0 ? BN_to_ASN1_INTEGER(number.get(), nullptr)
                                                   : nullptr;
}

int tell_time(TS_RESP_CTX*, void* data, long* seconds, long* microseconds) {
    const auto now_ms = *static_cast<const std::int64_t*>(data);
    *seconds = static_cast<long>(now_ms / 1000);
    *microseconds = static_cast<long>(now_ms % 1000 * 1000);
    return 1;
}

bool set_up(TS_RESP_CTX* context,
            const SigningContext& library,
            const SigningKey& key,
            const TimestampKey& settings,
            std::int64_t& now_ms) {
    const auto certificate = library.read_x509(settings.certificate);
    const auto issuer = library.read_x509(settings.issuer);
    const ObjectPtr policy(OBJ_txt2obj(settings.policy.c_str(), 1));
    STACK_OF(X509)* chain = sk_X509_new_null();
    const bool chained = chain != nullptr && issuer && sk_X509_push(chain, issuer.get()) > 0 &&
                         TS_RESP_CTX_set_certs(context, chain) == 1;
    sk_X509_free(chain);
    if (!chained || !certificate || !policy ||
        TS_RESP_CTX_set_signer_cert(context, certificate.get()) != 1 ||
        TS_RESP_CTX_set_signer_key(context, key.get()) != 1 ||
        TS_RESP_CTX_set_signer_digest(context, key.digest()) != 1 ||
        TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) != 1 ||
        TS_RESP_CTX_set_def_policy(context, policy.get()) != 1 ||
        TS_RESP_CTX_set_accuracy(context, accuracy_seconds, 0, 0) != 1 ||
        TS_RESP_CTX_set_clock_precision_digits(context, precision_digits) != 1) {
        return false;
    }
    for (const auto* digest : {EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
        if (TS_RESP_CTX_add_md(context, digest) != 1) {
            return false;
        }
    }
    TS_RESP_CTX_set_serial_cb(context, draw_serial, nullptr);
    TS_RESP_CTX_set_time_cb(context, tell_time, &now_ms);
    return true;
}

Bytes wrapped(hsm::Byte tag, const Bytes& contents) {
    CHECK(contents.size() < 0x80);
    Bytes out{tag, static_cast<hsm::Byte>(contents.size())};
    out.insert(out.end(), contents.begin(), contents.end());
    return out;
}

// TimeStampResp without a token (RFC 3161 §2.4.2). OpenSSL has no setters for text and failure.
Bytes refusal(int failure, std::string_view words) {
    constexpr hsm::Byte sequence = 0x30;
    constexpr hsm::Byte utf8_string = 0x0c;
    const std::unique_ptr<ASN1_BIT_STRING, Freed<ASN1_BIT_STRING_free>> bits(ASN1_BIT_STRING_new());
    CHECK(bits && ASN1_BIT_STRING_set_bit(bits.get(), failure, 1) == 1);
    Bytes inside{0x02, 0x01, TS_STATUS_REJECTION};
    const auto text = wrapped(sequence, wrapped(utf8_string, Bytes(words.begin(), words.end())));
    const auto reason = openssl::to_der(bits.get(), i2d_ASN1_BIT_STRING);
    inside.insert(inside.end(), text.begin(), text.end());
    inside.insert(inside.end(), reason.begin(), reason.end());
    return wrapped(sequence, wrapped(sequence, inside));
}

}  // namespace

struct TimestampMaker::Parts {
    explicit Parts(TimestampKey of) : key(std::move(of)), signer(key) {}

    const TimestampKey key;
    AttributeSigner signer;
    std::unique_ptr<SigningKey> signing_key;
    ContextPtr context;  // before the key goes
    std::int64_t now_ms = 0;
};

TimestampMaker::TimestampMaker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TimestampMaker::~TimestampMaker() = default;

Result<std::unique_ptr<TimestampMaker>> TimestampMaker::create(const SigningContext& library,
                                                               TimestampKey key) {
    auto parts = std::make_unique<Parts>(std::move(key));
    TRY_ASSIGN(parts->signing_key, SigningKey::create(library, parts->signer));
    parts->context.reset(TS_RESP_CTX_new_ex(library.library(), nullptr));
    if (!parts->context ||
        !set_up(parts->context.get(), library, *parts->signing_key, parts->key, parts->now_ms)) {
        return parts->signing_key->failure("time-stamp");
    }
    parts->signer.context = parts->context.get();
    return std::unique_ptr<TimestampMaker>(new TimestampMaker(std::move(parts)));
}

TimestampAnswer TimestampMaker::answer(const Bytes& request,
                                       std::int64_t now_ms,
                                       const TimestampSign& sign) {
    auto& key = *parts_->signing_key;
    key.forget_failure();
    parts_->now_ms = now_ms;
    parts_->signer.ask = &sign;
    const openssl::BioPtr in(BIO_new_mem_buf(request.data(), static_cast<int>(request.size())));
    const ResponsePtr response(TS_RESP_create_response(parts_->context.get(), in.get()));
    parts_->signer.ask = nullptr;
    const auto* status = response ? TS_RESP_get_status_info(response.get()) : nullptr;
    TimestampAnswer answer;
    answer.granted =
        status != nullptr && ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status)) == granted;
    if (answer.granted) {
        answer.response = openssl::to_der(response.get(), i2d_TS_RESP);
        return answer;
    }
    const auto failure = key.failure("time-stamp");
    if (failure.kind != ErrorKind::internal) {
        answer.error = failure;
        answer.response =
            refusal(TS_INFO_TIME_NOT_AVAILABLE, "no trusted time, or no module, at the moment");
        return answer;
    }
    if (response) {
        answer.response = openssl::to_der(response.get(), i2d_TS_RESP);
        return answer;
    }
    answer.error = failure;
    answer.response = refusal(TS_INFO_SYSTEM_FAILURE, "the authority cannot sign");
    return answer;
}

}  // namespace cloudsign::pki
