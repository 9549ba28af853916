#include <vector>

#include "firmware/ceremony/shamir.h"
#include "firmware/engine/digest.h"

// The input is a row of shares. Only bytes that are one come back as one; whatever set they make,
// combining ends with a secret or a word.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace hsm::protocol;
    hsm::ByteView rest(input, size);
    std::vector<Share> shares;
    while (shares.size() < custodians_max && rest.size() >= share_size) {
        auto share = decode_share(rest.first(share_size), firmware::engine::sha256);
        if (share) {
            const auto encoded = encode_share(*share, firmware::engine::sha256);
            CHECK(hsm::equal(encoded.reveal(), rest.first(share_size)));
            shares.push_back(*std::move(share));
        } else {
            CHECK(share.error() == hsm::Status::malformed ||
                  share.error() == hsm::Status::share_wrong);
        }
        rest = rest.subspan(share_size);
    }
    const auto secret = firmware::ceremony::combine(shares);
    CHECK(!secret || (!shares.empty() && shares.size() == shares[0].threshold));
    return 0;
}
