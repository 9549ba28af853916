#pragma once

#include <optional>

#include "hsm/base/byte_writer.h"
#include "hsm/base/hex.h"
#include "hsm/base/secret.h"
#include "hsm/protocol/types.h"

// The file `<identity>.psk` that gives a host identity its pre-shared key: two lines,
//   role=server|operator|auditor
//   64 hexadecimal digits
// Module and host read the same format; the identity is the file's name.
namespace hsm::protocol {

constexpr std::size_t psk_size = 32;
constexpr std::size_t psk_file_size_max = 128;

// Who may tell a board its hosts, and only as long as it has none. No secret.
inline constexpr std::string_view bring_up_identity = "bring-up";
inline constexpr std::string_view bring_up_secret = "kyso bring-up: known to everyone";
static_assert(bring_up_secret.size() == psk_size);

struct PskFile {
    Role role = Role::auditor;
    Secret<psk_size> secret;
};

inline constexpr std::string_view role_name(Role role) {
    switch (role) {
        case Role::server:
            return "server";
        case Role::operating:
            return "operator";
        case Role::auditor:
            return "auditor";
    }
    return "unknown";
}

// Letters, digits, '.', '_' and '-'; 1 to identity_size_max of them.
inline constexpr bool is_identity(std::string_view name) {
    for (const char c : name) {
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!allowed) {
            return false;
        }
    }
    return !name.empty() && name.size() <= identity_size_max;
}

// `malformed` for whatever is not exactly this format.
inline Result<PskFile> parse_psk_file(std::string_view text) {
    PskFile file;
    bool known = false;
    for (const auto role : {Role::server, Role::operating, Role::auditor}) {
        const auto name = role_name(role);
        if (text.starts_with("role=") && text.substr(5).starts_with(name) &&
            text.substr(5 + name.size()).starts_with('\n')) {
            file.role = role;
            text.remove_prefix(5 + name.size() + 1);
            known = true;
            break;
        }
    }
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    if (!known || text.size() != 2 * psk_size) {
        return Status::malformed;
    }
    auto storage = file.secret.storage();
    for (std::size_t i = 0; i < psk_size; ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return Status::malformed;
        }
        storage[i] = static_cast<Byte>(high << 4 | low);
    }
    file.secret.resize(psk_size);
    return file;
}

// The text of such a file.
inline Secret<psk_file_size_max> format_psk_file(Role role, const Secret<psk_size>& secret) {
    CHECK(secret.size() == psk_size);
    Secret<psk_file_size_max> text;
    ByteWriter writer(text.storage());
    writer.bytes(view_of("role="));
    writer.bytes(view_of(role_name(role)));
    writer.u8('\n');
    for (const auto byte : secret.reveal()) {
        writer.u8(static_cast<Byte>(hex_digits[byte >> 4]));
        writer.u8(static_cast<Byte>(hex_digits[byte & 15]));
    }
    writer.u8('\n');
    CHECK(writer.ok());
    text.resize(writer.size());
    return text;
}

}  // namespace hsm::protocol
