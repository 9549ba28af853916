#include "hsm/protocol/ceremony.h"

namespace hsm::protocol {

BoundedBytes<hpke_info_size_max> sealed_share_info(ShareDirection direction,
                                                   const Digest& transcript,
                                                   std::uint8_t index) {
    BoundedBytes<hpke_info_size_max> info;
    const auto encoded = encode_tagged(SealedShareInfo{direction, transcript, index}, info.spare());
    CHECK(encoded.has_value());
    info.grow(encoded->size());
    return info;
}

KekCheck kek_check(const ShareSetId& set_id, const EpochSecret& secret, Sha256 sha256) {
    const std::array parts = {view_of("kyso-kek-check/1"), ByteView(set_id), secret.reveal()};
    const auto digest = sha256(parts);
    KekCheck check{};
    std::copy_n(digest.begin(), check.size(), check.begin());
    return check;
}

Result<ShareSet> decode_share_set(ByteView bytes) {
    TRY_ASSIGN(auto set, decode_tagged<ShareSet>(bytes));
    const ShareScheme scheme{set.threshold, static_cast<std::uint8_t>(set.custodians.size())};
    if (!scheme.is_sound() || set.commitments.size() != set.custodians.size() ||
        set.kek_check == KekCheck{}) {
        return Status::configuration_wrong;
    }
    return set;
}

}  // namespace hsm::protocol
