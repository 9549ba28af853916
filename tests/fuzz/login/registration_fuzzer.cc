#include <algorithm>

#include "cloudsign/login/registration.h"
#include "hsm/protocol/key_blob.h"

// The first byte says how long the client data is; the rest is authenticator data. What is taken
// must be a passkey with an id and a key that is a point.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cloudsign::login;
    const hsm::ByteView input(data, size);
    if (input.empty()) {
        return 0;
    }
    const auto rest = input.subspan(1);
    const auto split = std::min<std::size_t>(input[0], rest.size());
    static const Site site{"login.localhost", "https://login.localhost:8443"};
    const auto read = read_registration(rest.subspan(split), rest.first(split), site, {});
    if (read) {
        CHECK(!read->credential_id.empty() && read->credential_id.size() <= 1023);
        CHECK(read->point[0] == 4);
    }
    return 0;
}
