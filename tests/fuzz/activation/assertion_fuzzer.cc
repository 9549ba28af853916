#include <string>

#include <openssl/evp.h>

#include "firmware/activation/assertion.h"
#include "firmware/engine/psa/initialize.h"

// clientDataJSON and authenticatorData as a phone's browser and whoever sits before it make them,
// with an engine to which every signature is right: then the fields alone decide, and what passes
// is read once more here. Input: flags of the approver, size of authenticatorData, that, the JSON.
namespace {

namespace engine = firmware::engine;
using firmware::activation::Approver;
using firmware::activation::AssertionRule;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::BackupPolicy;

class TakesEverySignature final : public engine::Engine {
public:
    std::string_view name() const override { return "none"; }
    Result<void> unlock(ByteView) override { return Status::not_supported; }
    Result<void> random(MutableBytes) override { return Status::rng_failed; }
    Result<hsm::protocol::Point> identity_point() override { return Status::not_supported; }
    Result<void> identity_sign(const Digest&, engine::DerSignature&) override {
        return Status::not_supported;
    }
    Result<void> make_epoch(std::uint32_t) override { return Status::not_supported; }
    Result<void> join_epoch(std::uint32_t) override { return Status::not_supported; }
    Result<Digest> epoch_mac(std::uint32_t, std::span<const ByteView>) override {
        return Status::not_supported;
    }
    Result<void> generate_sealed(std::uint32_t,
                                 hsm::protocol::KeyType,
                                 engine::SealedKey&) override {
        return Status::not_supported;
    }
    bool work() override { return false; }
    void drop_generation() override {}
    Result<void> sign_sealed(std::uint32_t,
                             hsm::protocol::KeyType,
                             ByteView,
                             ByteView,
                             const hsm::protocol::Algorithm&,
                             ByteView,
                             engine::Signature&) override {
        return Status::not_supported;
    }
    Result<void> verify_p256(const hsm::protocol::Point&, const Digest&, ByteView) override {
        ++verifications;
        return {};
    }
    Result<void> self_test(firmware::selftest::SelfTest,
                           const firmware::selftest::KnownAnswers&) override {
        return {};
    }

    unsigned verifications = 0;
};

constexpr std::string_view rp_id = "approve.kyso.test";
constexpr std::string_view origin = "https://approve.kyso.test";
// 32 zero bytes in base64url are 43 letters A.
const std::string right_beginning = R"({"type":"webauthn.get","challenge":")" +
                                    std::string(43, 'A') + R"(","origin":")" + std::string(origin) +
                                    R"(","crossOrigin":false)";

Digest openssl_sha256(ByteView bytes) {
    Digest digest{};
    CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) ==
          1);
    return digest;
}

void check_accepted(const Approver& approver, ByteView data, std::string_view json) {
    CHECK(data.size() == 37 && json.size() <= hsm::protocol::client_data_size_max);
    CHECK(hsm::equal(data.first(32), openssl_sha256(hsm::view_of(rp_id))));
    const unsigned flags = data[32];
    CHECK((flags & 0x05) == 0x05 && (flags & 0xc0) == 0);
    const bool eligible = (flags & 0x08) != 0;
    CHECK(eligible == approver.key.backup_eligible);
    CHECK(eligible ? approver.backup == BackupPolicy::allowed : (flags & 0x10) == 0);
    CHECK(json.starts_with(right_beginning));
    const auto rest = json.substr(right_beginning.size());
    CHECK(rest == "}" || (rest.starts_with(',') && rest.ends_with('}')));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    static const bool started = engine::psa::initialize().has_value();
    CHECK(started);
    if (size < 2) {
        return 0;
    }
    Approver approver;
    approver.key.backup_eligible = (input[0] & 1) != 0;
    approver.backup = (input[0] & 2) != 0 ? BackupPolicy::allowed : BackupPolicy::refused;
    const ByteView rest(input + 2, size - 2);
    const auto data = rest.first(std::min<std::size_t>(input[1], rest.size()));
    const auto json = rest.subspan(data.size());
    hsm::protocol::Assertion assertion;
    assertion.authenticator_data = data;
    assertion.client_data_json = json;
    TakesEverySignature engine;

    const auto accepted = firmware::activation::verify_assertion(
        engine, AssertionRule{rp_id, origin, {}}, approver, assertion);

    CHECK(accepted.has_value() == (engine.verifications != 0));
    if (accepted) {
        check_accepted(approver, data, hsm::text_of(json));
        CHECK(accepted->flags == data[32]);
    }
    return 0;
}
