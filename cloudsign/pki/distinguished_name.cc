#include "cloudsign/pki/distinguished_name.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <openssl/objects.h>

#include "hsm/base/hex.h"
#include "hsm/protocol/utf8.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

struct AttributeType {
    std::string_view name;
    int nid;
};

constexpr AttributeType attribute_types[] = {
    {"CN", NID_commonName},
    {"SN", NID_surname},
    {"GN", NID_givenName},
    {"serialNumber", NID_serialNumber},
    {"title", NID_title},
    {"O", NID_organizationName},
    {"OU", NID_organizationalUnitName},
    {"L", NID_localityName},
    {"ST", NID_stateOrProvinceName},
    {"STREET", NID_streetAddress},
    {"street", NID_streetAddress},  // as OpenSSL writes it
    {"C", NID_countryName},
    {"DC", NID_domainComponent},
    {"UID", NID_userId},
    {"organizationIdentifier", NID_organizationIdentifier},
    {"emailAddress", NID_pkcs9_emailAddress},
};

struct Part {
    int nid = NID_undef;
    std::string value;
};

Error wrong(std::string detail) {
    return {ErrorKind::invalid, "subject: " + std::move(detail)};
}

// Takes one value off the front of `rest`, up to an unescaped comma (RFC 4514 §3).
Result<std::string> take_value(std::string_view& rest) {
    std::string value;
    std::size_t keep = 0;  // trailing spaces beyond this were not escaped and do not count
    while (!rest.empty() && rest.front() != ',') {
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '+' || c == '"' || c == ';' || c == '<' || c == '>' || c == '\0') {
            return wrong("write \\" + std::string(1, c) + " for a literal " + std::string(1, c));
        }
        if (c != '\\') {
            value += c;
            keep = c == ' ' ? keep : value.size();
            continue;
        }
        if (rest.size() >= 2 && hsm::hex_value(rest[0]) >= 0 && hsm::hex_value(rest[1]) >= 0) {
            value += static_cast<char>(hsm::hex_value(rest[0]) * 16 + hsm::hex_value(rest[1]));
            rest.remove_prefix(2);
        } else if (!rest.empty()) {
            value += rest.front();
            rest.remove_prefix(1);
        } else {
            return wrong("ends with a single \\");
        }
        keep = value.size();
    }
    value.resize(keep);
    return value;
}

Result<Part> take_part(std::string_view& rest) {
    while (!rest.empty() && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) {
        return wrong("\"" + std::string(rest) + "\" is not TYPE=value");
    }
    const auto type = rest.substr(0, equals);
    const auto* found = std::ranges::find(attribute_types, type, &AttributeType::name);
    if (found == std::end(attribute_types)) {
        return wrong("unknown attribute type \"" + std::string(type) + "\"");
    }
    rest.remove_prefix(equals + 1);
    if (!rest.empty() && rest.front() == '#') {
        return wrong("hexadecimal values are not supported");
    }
    TRY_ASSIGN(auto value, take_value(rest));
    if (value.empty()) {
        return wrong("the value of " + std::string(type) + " is empty");
    }
    if (!hsm::protocol::is_legible(value)) {
        return wrong("the value of " + std::string(type) +
                     " is not UTF-8 or has a character that cannot be seen");
    }
    return Part{found->nid, std::move(value)};
}

}  // namespace

Result<openssl::X509NamePtr> parse_name(std::string_view text) {
    constexpr std::size_t parts_max = 16;
    std::vector<Part> parts;
    auto rest = text;
    while (true) {
        TRY_ASSIGN(auto part, take_part(rest));
        parts.push_back(std::move(part));
        if (rest.empty()) {
            break;
        }
        if (parts.size() == parts_max) {
            return wrong("more than 16 parts");
        }
        rest.remove_prefix(1);
    }

    openssl::X509NamePtr name(X509_NAME_new());
    // RFC 4514 §2.1: the string begins with the last RDN of the sequence.
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(part->value.data());
        if (X509_NAME_add_entry_by_NID(name.get(),
                                       part->nid,
                                       MBSTRING_UTF8,
                                       bytes,
                                       static_cast<int>(part->value.size()),
                                       -1,
                                       0) != 1) {
            return wrong("the value of " + std::string(OBJ_nid2sn(part->nid)) +
                         " is too long or has characters that its type does not allow");
        }
    }
    return name;
}

std::string format_name(const X509_NAME* name) {
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return openssl::text_of(out.get());
}

std::string attribute_of(const X509_NAME* name, int nid) {
    const int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0) {
        return "";
    }
    unsigned char* utf8 = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    const openssl::OpensslBytesPtr owned(utf8);
    return size < 0 ? ""
                    : std::string(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
}

bool names_organisation(const X509_NAME* name) {
    if (!attribute_of(name, NID_organizationIdentifier).empty()) {
        return true;
    }
    for (const int nid : {NID_userId, NID_serialNumber}) {
        const auto text = attribute_of(name, nid);
        if (text.starts_with("MST") || text.starts_with("MSNS") || text.starts_with("MDD")) {
            return true;
        }
    }
    const auto organisation = attribute_of(name, NID_organizationName);
    return !organisation.empty() && organisation == attribute_of(name, NID_commonName);
}

}  // namespace cloudsign::pki
