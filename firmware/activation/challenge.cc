#include "firmware/activation/challenge.h"

#include "firmware/engine/digest.h"
#include "firmware/hardening/twice.h"

namespace firmware::activation {

Result<void> BootKey::draw(engine::Engine& engine) {
    key_.clear();
    auto drawn = engine.random(key_.storage());
    if (!drawn) {
        key_.clear();
        return drawn;
    }
    key_.resize(hsm::Secret<32>::size_max);
    return {};
}

Digest BootKey::mac_of(ByteView preimage) const {
    CHECK(key_.size() == hsm::Secret<32>::size_max);
    const ByteView parts[] = {preimage};
    return engine::hmac_sha256(key_.reveal(), parts);
}

Result<OpenedChallenge> BootKey::seal(const ChallengePreimage& preimage,
                                      MutableBytes buffer) const {
    OpenedChallenge opened;
    TRY_ASSIGN(opened.preimage, hsm::protocol::encode_tagged(preimage, buffer));
    opened.mac = mac_of(opened.preimage);
    opened.challenge = challenge_of(opened.preimage);
    return opened;
}

Result<ChallengePreimage> BootKey::open(ByteView preimage, const Digest& mac) const {
    TRY(hardening::twice([&]() -> Result<void> {
        if (!hsm::equal_constant_time(mac_of(preimage), mac)) {
            return Status::activation_mac_wrong;
        }
        return {};
    }));
    auto decoded = hsm::protocol::decode_tagged<ChallengePreimage>(preimage);
    if (!decoded) {
        return Status::activation_mac_wrong;
    }
    return decoded;
}

Digest challenge_of(ByteView preimage) {
    const ByteView parts[] = {preimage};
    return engine::sha256(parts);
}

}  // namespace firmware::activation
