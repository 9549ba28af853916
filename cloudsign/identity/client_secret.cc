#include "cloudsign/identity/client_secret.h"

#include <openssl/evp.h>

#include "cloudsign/base64.h"
#include "cloudsign/random.h"

namespace cloudsign::identity {
namespace {

constexpr std::string_view prefix = "scrypt$16384$8$1$";
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
using Salt = std::array<hsm::Byte, salt_size>;
using Hash = std::array<hsm::Byte, hash_size>;

Hash scrypt(std::string_view secret, const Salt& salt) {
    constexpr std::uint64_t memory_max = 32u << 20;
    Hash hash;
    CHECK(EVP_PBE_scrypt(secret.data(),
                         secret.size(),
                         salt.data(),
                         salt.size(),
                         16384,
                         8,
                         1,
                         memory_max,
                         hash.data(),
                         hash.size()) == 1);
    return hash;
}

std::string text_of(const Salt& salt, const Hash& hash) {
    return std::string(prefix) + base64url(salt) + "$" + base64url(hash);
}

struct Parsed {
    Salt salt{};
    Hash hash{};
};

bool parse(std::string_view text, Parsed& parsed) {
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    const auto separator = text.find('$');
    return separator != std::string_view::npos &&
           from_base64url_into(text.substr(0, separator), parsed.salt) &&
           from_base64url_into(text.substr(separator + 1), parsed.hash);
}

}  // namespace

std::string new_client_secret() {
    return base64url(random_32());
}

std::string hash_client_secret(std::string_view secret) {
    Salt salt;
    fill_random(salt);
    return text_of(salt, scrypt(secret, salt));
}

SecretCheck check_client_secret(std::string_view secret, std::string_view hash_text) {
    Parsed parsed;
    const bool known = parse(hash_text, parsed);
    const auto hash = scrypt(secret, parsed.salt);
    const bool right = hsm::equal_constant_time(hash, parsed.hash);
    return known && right ? SecretCheck::right : SecretCheck::wrong;
}

const std::string& decoy_secret_hash() {
    static const std::string decoy = [] {
        Salt salt;
        Hash hash;
        fill_random(salt);
        fill_random(hash);
        return text_of(salt, hash);
    }();
    return decoy;
}

}  // namespace cloudsign::identity
