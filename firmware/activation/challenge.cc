#include "firmware/activation/challenge.h"

#include "hsm/base/secret.h"

namespace firmware::activation {

Result<void> BootKey::draw(engine::Engine& engine) {
    key_.reset();
    hsm::Secret<32> random;
    TRY(engine.random(random.storage()));
    random.resize(random.size_max);
    TRY_ASSIGN(key_, engine::HmacKey::import(random.reveal()));
    return {};
}

Digest BootKey::mac_of(ByteView preimage) const {
    const ByteView parts[] = {preimage};
    return key_.mac(parts);
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
    if (!hsm::equal_constant_time(mac_of(preimage), mac)) {
        return Status::activation_mac_wrong;
    }
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
