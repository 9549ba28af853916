#include "cloudsign/login/challenges.h"

#include "cloudsign/random.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace cloudsign::login {
namespace {

// When it ends (ms), something random, and a MAC of both.
constexpr std::size_t stated_size = 16;
constexpr std::size_t mac_size = 16;

}  // namespace

Challenges::Challenges(const Clock& clock)
    : clock_(clock), key_(random_32()), taken_(lifetime_ms / 1000) {}

hsm::Digest Challenges::make() const {
    hsm::Digest challenge = random_32();
    hsm::ByteWriter writer(challenge);
    writer.u64(static_cast<std::uint64_t>(clock_.now_ms() + lifetime_ms));
    const auto mac = key_.mac(hsm::ByteView(challenge).first(stated_size));
    std::copy_n(mac.begin(), mac_size, challenge.begin() + stated_size);
    return challenge;
}

bool Challenges::holds(const hsm::Digest& challenge) const {
    const hsm::ByteView whole(challenge);
    const auto mac = key_.mac(whole.first(stated_size));
    hsm::ByteReader reader(whole);
    const auto until = reader.u64();
    return hsm::equal_constant_time(whole.subspan(stated_size),
                                    hsm::ByteView(mac).first(mac_size)) &&
           until && *until > static_cast<std::uint64_t>(clock_.now_ms());
}

bool Challenges::take(const hsm::Digest& challenge) {
    return holds(challenge) && taken_.remember(challenge, clock_.now_ms() / 1000) ==
                                   oauth::ReplayMemory::Seen::first_time;
}

}  // namespace cloudsign::login
