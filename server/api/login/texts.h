#pragma once

#include <string_view>

#include "cloudsign/oauth/authorization_request.h"

namespace server::api::login {

// Every word of the pages. What begins with "data_" the script shows.
struct Texts {
    std::string_view language_tag;
    std::string_view needs_script;
    std::string_view failure_title;
    std::string_view failure;
    std::string_view sign_in_title;
    std::string_view sign_in;  // why
    std::string_view sign_in_button;
    std::string_view consent_title;
    std::string_view consent;  // after the portal's name
    std::string_view sign_title;
    std::string_view sign;  // after the portal's name
    std::string_view own_words;
    std::string_view documents;
    std::string_view unnamed_document;
    std::string_view certificate;
    std::string_view valid_until;
    std::string_view signed_in_as;
    std::string_view sign_out_button;
    std::string_view allow_button;
    std::string_view deny_button;
    std::string_view screen_button;
    std::string_view phone_button;
    std::string_view wait_title;
    std::string_view scan;
    std::string_view scan_image;
    std::string_view same_device;
    std::string_view type_number;
    std::string_view waiting;
    std::string_view register_title;
    std::string_view register_passkey;
    std::string_view register_name;
    std::string_view register_button;
    std::string_view data_cancelled;
    std::string_view data_refused;
    std::string_view data_failed;
    std::string_view data_registered;
    std::string_view data_seen;
};

const Texts& texts_in(cloudsign::oauth::PageLanguage language);

}  // namespace server::api::login
