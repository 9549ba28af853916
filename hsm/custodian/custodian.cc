#include "hsm/custodian/custodian.h"

#include <algorithm>

#include "hsm/openssl/digest.h"
#include "hsm/openssl/hpke.h"
#include "hsm/openssl/p256.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/message.h"

namespace hsm::custodian {

using protocol::AssuranceClass;
using protocol::CeremonyStatement;
using protocol::ShareDirection;
using protocol::ShareSet;

namespace {

Refusal refusal(Status status, std::string text) {
    return {status, std::move(text)};
}

Checked<openssl::DeviceCertificate> check_device(ByteView certificate,
                                                 const Expectation& expectation) {
    auto device = openssl::verify_device_certificate(certificate, expectation.roots);
    if (!device) {
        return refusal(Status::certificate_wrong,
                       "the device certificate is not issued by the root that you gave");
    }
    if (device->assurance_class != expectation.assurance_class) {
        return refusal(Status::configuration_wrong,
                       "the device is certified as " +
                           std::string(openssl::class_name(device->assurance_class)) +
                           ", and you expect " +
                           std::string(openssl::class_name(expectation.assurance_class)));
    }
    return *std::move(device);
}

Checked<ShareSet> check_set(const CeremonyPapers& papers, const CeremonyStatement& statement) {
    if (sha256(papers.share_set) != statement.share_set) {
        return refusal(Status::configuration_wrong,
                       "the share set is not the one that the module's statement names");
    }
    auto set = protocol::decode_share_set(papers.share_set);
    if (!set) {
        return refusal(set.error(), "the share set cannot be read or contradicts itself");
    }
    if (set->assurance_class != statement.assurance_class) {
        return refusal(Status::configuration_wrong, "the share set is of another class");
    }
    return *set;
}

// Before a share moves it is the one that the set names, for this custodian.
Checked<protocol::Share> check_share(const Key& key,
                                     const protocol::ShareBytes& bytes,
                                     const ShareSet& set) {
    auto share = protocol::decode_share(bytes.reveal(), sha256);
    if (!share) {
        return refusal(Status::share_wrong, "that is no share, or it is damaged or mistyped");
    }
    if (share->set_id != set.set_id || share->index > set.custodians.size() ||
        share->threshold != set.threshold) {
        return refusal(Status::share_foreign, "the share belongs to another set");
    }
    if (set.custodians[share->index - 1u] != key.thumbprint()) {
        return refusal(Status::share_foreign, "the share is another custodian's");
    }
    if (!equal_constant_time(protocol::share_commitment(bytes.reveal(), sha256),
                             set.commitments[share->index - 1u])) {
        return refusal(Status::share_wrong, "the share is not the one that was given out");
    }
    return *std::move(share);
}

}  // namespace

Key::Key(openssl::EvpKeyPtr key) : key_(std::move(key)) {
    const auto point = openssl::p256_point(key_.get());
    CHECK(point.has_value());
    point_ = *point;
}

Key Key::make() {
    return Key(openssl::make_p256_key());
}

Digest Key::thumbprint() const {
    return protocol::thumbprint(point_, sha256);
}

Bytes Key::sign(ByteView message) const {
    return openssl::sign_es256(key_.get(), message);
}

Checked<AttestedCeremony> check_ceremony(const CeremonyPapers& papers,
                                         const Expectation& expectation) {
    TRY_ASSIGN(auto device, check_device(papers.device_certificate, expectation));
    const auto bytes = protocol::decode_signed(papers.ceremony);
    const auto statement = bytes ? protocol::decode_tagged<CeremonyStatement>(bytes->statement)
                                 : Result<CeremonyStatement>(bytes.error());
    if (!statement) {
        return refusal(Status::malformed, "the module's statement cannot be read");
    }
    if (statement->module_id != device.module_id ||
        !openssl::verify_es256(device.spki, bytes->statement, bytes->signature)) {
        return refusal(Status::signature_wrong,
                       "the statement is not signed by the module that the certificate names");
    }
    if (statement->assurance_class != expectation.assurance_class) {
        return refusal(Status::configuration_wrong, "the module says that it is of another class");
    }
    if (std::ranges::find(expectation.firmware_hashes, statement->firmware_hash) ==
        expectation.firmware_hashes.end()) {
        return refusal(Status::configuration_wrong,
                       "the module runs firmware that you have not named");
    }
    TRY(check_set(papers, *statement));
    return AttestedCeremony{*statement, sha256(bytes->statement), std::move(device)};
}

Checked<protocol::ShareBytes> open_outward_share(const Key& key,
                                                 const CeremonyPapers& papers,
                                                 ByteView outward_share,
                                                 const Expectation& expectation) {
    TRY_ASSIGN(const auto ceremony, check_ceremony(papers, expectation));
    TRY_ASSIGN(const auto set, check_set(papers, ceremony.statement));
    const auto sealed = protocol::decode_tagged<protocol::OutwardShare>(outward_share);
    if (!sealed) {
        return refusal(Status::malformed, "the sealed share cannot be read");
    }
    if (ceremony.statement.kind != protocol::CeremonyKind::make ||
        sealed->transcript != ceremony.transcript) {
        return refusal(Status::transcript_wrong, "the share was sealed in another ceremony");
    }
    const auto info =
        protocol::sealed_share_info(ShareDirection::out, ceremony.transcript, sealed->index);
    protocol::ShareBytes bytes;
    if (!openssl::hpke_open(
            key.get(), info, sealed->encapsulated, sealed->ciphertext, bytes.storage())) {
        return refusal(Status::share_wrong, "the share does not open with this key");
    }
    bytes.resize(protocol::share_size);
    TRY_ASSIGN(const auto share, check_share(key, bytes, set));
    if (share.index != sealed->index) {
        return refusal(Status::share_wrong, "the share is not the one that its wrapping names");
    }
    return bytes;
}

Checked<Bytes> seal_inward_share(const Key& key,
                                 const protocol::ShareBytes& share_bytes,
                                 const CeremonyPapers& papers,
                                 protocol::LiveMember live_member,
                                 const Expectation& expectation) {
    TRY_ASSIGN(const auto ceremony, check_ceremony(papers, expectation));
    TRY_ASSIGN(const auto set, check_set(papers, ceremony.statement));
    TRY_ASSIGN(const auto share, check_share(key, share_bytes, set));
    const auto info =
        protocol::sealed_share_info(ShareDirection::in, ceremony.transcript, share.index);
    const auto sealed =
        openssl::hpke_seal(ceremony.statement.ceremony_key, info, share_bytes.reveal());
    if (!sealed) {
        return refusal(sealed.error(), "the module's ceremony key is none");
    }
    const protocol::InwardShare inward{
        ceremony.transcript, share.index, live_member, sealed->encapsulated, sealed->ciphertext};
    Bytes statement(protocol::inward_share_size_max);
    const auto encoded = protocol::encode_tagged(inward, statement);
    CHECK(encoded.has_value());
    const auto signature = key.sign(*encoded);
    Bytes buffer(protocol::inward_share_size_max);
    const auto signed_share = protocol::encode_signed({*encoded, signature}, buffer);
    CHECK(signed_share.has_value());
    return Bytes(signed_share->begin(), signed_share->end());
}

Checked<Bytes> sign_provision(const Key& key,
                              const ProvisionPapers& papers,
                              const Expectation& expectation) {
    TRY_ASSIGN(const auto device, check_device(papers.device_certificate, expectation));
    const auto statement = protocol::decode_tagged<protocol::ProvisionStatement>(papers.statement);
    const auto group = protocol::decode_tagged<protocol::GroupConfiguration>(papers.configuration);
    if (!statement || !group) {
        return refusal(Status::malformed, "statement or configuration cannot be read");
    }
    if (statement->module_id != device.module_id) {
        return refusal(Status::certificate_wrong, "the certificate is another module's");
    }
    if (statement->configuration_hash != sha256(papers.configuration)) {
        return refusal(Status::configuration_wrong, "the statement is for another configuration");
    }
    if (group->assurance_class != expectation.assurance_class ||
        std::ranges::find(group->custodians, key.point()) == group->custodians.end()) {
        return refusal(Status::configuration_wrong,
                       "the group is of another class, or you are none of its custodians");
    }
    return key.sign(papers.statement);
}

Checked<Bytes> sign_change(const Key& key,
                           const ChangePapers& papers,
                           protocol::AssuranceClass assurance_class) {
    const auto statement = protocol::decode_tagged<protocol::ChangeStatement>(papers.statement);
    const auto before = protocol::decode_tagged<protocol::GroupConfiguration>(papers.before);
    const auto after = protocol::decode_tagged<protocol::GroupConfiguration>(papers.configuration);
    if (!statement || !before || !after) {
        return refusal(Status::malformed, "statement or configuration cannot be read");
    }
    if (statement->from != sha256(papers.before) || statement->to != sha256(papers.configuration)) {
        return refusal(Status::configuration_wrong, "the statement is for other configurations");
    }
    if (statement->group_id != before->group_id || before->group_id != after->group_id ||
        before->assurance_class != assurance_class || after->assurance_class != assurance_class ||
        std::ranges::find(before->custodians, key.point()) == before->custodians.end()) {
        return refusal(Status::configuration_wrong,
                       "the group is another or of another class, or you are none of its "
                       "custodians");
    }
    return key.sign(papers.statement);
}

}  // namespace hsm::custodian
