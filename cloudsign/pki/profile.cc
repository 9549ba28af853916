#include "cloudsign/pki/profile.h"

#include <algorithm>

#include <openssl/x509v3.h>

#include "cloudsign/pki/distinguished_name.h"
#include "hsm/base/check.h"

namespace cloudsign::pki {
namespace {

constexpr std::int64_t year_ms = 365ll * 24 * 3600 * 1000;

// Profiles are data. Key usage of a person and of an organisation: RFC 3739 §3.2.3 wants
// nonRepudiation; digitalSignature beside it is what portals' verifiers look for.
constexpr ExtensionText root_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
};
constexpr ExtensionText person_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature,nonRepudiation"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_ext_key_usage, "emailProtection"},
};
constexpr ExtensionText device_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_ext_key_usage, "clientAuth"},
};
// RFC 6960 §4.2.2.2.1: nobody asks about the certificate of who answers; it is short-lived instead.
constexpr ExtensionText ocsp_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_ext_key_usage, "OCSPSigning"},
    {NID_id_pkix_OCSP_noCheck, "NULL"},
};
// RFC 3161 §2.3: this one purpose, critical.
constexpr ExtensionText tsa_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature,nonRepudiation"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_ext_key_usage, "critical,timeStamping"},
};

struct AttributeRule {
    int nid;
    const char* name;
};
constexpr AttributeRule common_name[] = {{NID_commonName, "CN"}};
constexpr AttributeRule organisation_names[] = {{NID_commonName, "CN"},
                                                {NID_organizationName, "O"}};

struct ProfileRow {
    Profile profile;
    std::string_view name;
    std::int64_t validity_ms;
    std::int64_t renewal_ms;
    std::span<const ExtensionText> extensions;
    std::span<const AttributeRule> subject;
};
constexpr ProfileRow profiles[] = {
    {Profile::root, "root", 20 * year_ms, 20 * year_ms, root_extensions, {}},
    {Profile::person, "person", 5 * year_ms, 3 * year_ms, person_extensions, common_name},
    {Profile::organisation,
     "organisation",
     5 * year_ms,
     3 * year_ms,
     person_extensions,
     organisation_names},
    {Profile::device, "device", 3 * year_ms, 3 * year_ms, device_extensions, common_name},
    {Profile::ocsp, "ocsp", 1 * year_ms, 1 * year_ms, ocsp_extensions, {}},
    {Profile::tsa, "tsa", 10 * year_ms, 10 * year_ms, tsa_extensions, {}},
};

const ProfileRow& row_of(Profile profile) {
    const auto* row = std::ranges::find(profiles, profile, &ProfileRow::profile);
    CHECK(row != std::end(profiles));
    return *row;
}

Error wrong_subject(std::string detail) {
    return {ErrorKind::invalid, "subject: " + std::move(detail)};
}

}  // namespace

std::string_view profile_name(Profile profile) {
    return row_of(profile).name;
}

std::optional<Profile> signer_profile_named(std::string_view name) {
    for (const auto profile : {Profile::person, Profile::organisation, Profile::device}) {
        if (name == profile_name(profile)) {
            return profile;
        }
    }
    return std::nullopt;
}

std::int64_t validity_ms(Profile profile) {
    return row_of(profile).validity_ms;
}

std::int64_t renewal_ms(Profile profile) {
    return row_of(profile).renewal_ms;
}

std::span<const ExtensionText> extensions_of(Profile profile) {
    return row_of(profile).extensions;
}

Result<void> check_subject(Profile profile, std::string_view subject) {
    TRY_ASSIGN(const auto name, parse_name(subject));
    const auto& row = row_of(profile);
    for (const auto& attribute : row.subject) {
        if (X509_NAME_get_index_by_NID(name.get(), attribute.nid, -1) < 0) {
            return wrong_subject(std::string(attribute.name) + " is missing, which profile " +
                                 std::string(row.name) + " needs: " + std::string(subject));
        }
    }
    if (profile == Profile::organisation && !names_organisation(name.get())) {
        return wrong_subject(
            "nothing says that it is an organisation: write its name as CN and as O, or its code "
            "as "
            "UID=MST:…, UID=MSNS:… or organizationIdentifier: " +
            std::string(subject));
    }
    return {};
}

}  // namespace cloudsign::pki
