#pragma once

#include <string>

#include "cloudsign/login/registration.h"
#include "tests/support/passkey.h"

namespace cloudsign::login {

inline const Site site{"login.localhost", "https://login.localhost:8443"};

// What navigator.credentials.create() answers for a software authenticator.
struct MadePasskey {
    tests::support::Passkey passkey;
    Bytes credential_id = Bytes(20, 7);

    Bytes authenticator_data(hsm::Byte flags = tests::support::user_present |
                                               tests::support::user_verified |
                                               tests::support::attested_data) const {
        tests::support::AssertionForm form;
        form.rp_id = site.rp_id;
        form.flags = flags;
        form.sign_count = 1;
        auto data = tests::support::authenticator_data(form);
        data.insert(data.end(), 16, 0);  // AAGUID
        data.push_back(0);
        data.push_back(static_cast<hsm::Byte>(credential_id.size()));
        data.insert(data.end(), credential_id.begin(), credential_id.end());
        const auto& point = passkey.point();
        constexpr hsm::Byte head[] = {0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20};
        constexpr hsm::Byte middle[] = {0x22, 0x58, 0x20};
        data.insert(data.end(), std::begin(head), std::end(head));
        data.insert(data.end(), point.begin() + 1, point.begin() + 33);
        data.insert(data.end(), std::begin(middle), std::end(middle));
        data.insert(data.end(), point.begin() + 33, point.end());
        return data;
    }

    static Bytes client_data(const hsm::Digest& challenge,
                             const std::string& type = "webauthn.create",
                             const std::string& origin = site.origin) {
        tests::support::AssertionForm form;
        form.challenge = challenge;
        form.origin = origin;
        form.type = type;
        return bytes_of(hsm::view_of(tests::support::client_data_json(form)));
    }
};

}  // namespace cloudsign::login
