#include "cloudsign/rssp/verification_code.h"

#include <algorithm>
#include <cctype>

#include "cloudsign/hex.h"
#include "cloudsign/sha256.h"
#include "hsm/base/check.h"

namespace cloudsign::rssp {

std::string verification_code(const std::vector<Bytes>& hashes) {
    CHECK(!hashes.empty());
    Bytes sum(hashes.front().size());
    for (const auto& hash : hashes) {
        CHECK(hash.size() == sum.size());
        std::ranges::transform(sum, hash, sum.begin(), [](hsm::Byte a, hsm::Byte b) {
            return static_cast<hsm::Byte>(a ^ b);
        });
    }
    const auto digest = sha256(hsm::ByteView(sum));
    const hsm::ByteView view(digest);
    auto code = hex(view.first(2)) + "-" + hex(view.last(2));
    std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::toupper(c); });
    return code;
}

}  // namespace cloudsign::rssp
