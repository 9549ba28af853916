#include "cloudsign/rssp/ssl2.h"

#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "cloudsign/base64.h"
#include "hsm/base/bytes.h"
#include "hsm/openssl/der.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::rssp {
namespace {

constexpr std::size_t header_max = 8192;

Error refused() {
    return {ErrorKind::unauthenticated, "the SSL2 header is not this client's", 0};
}

// RSASSA-PKCS1-v1_5 with SHA-1: what the dialect's clients send.
bool is_signed(const Ssl2& header, EVP_PKEY* key) {
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
        EVP_PKEY_get_bits(key) < 2048) {
        return false;
    }
    const auto text = header.user + header.password + header.signature + header.time;
    const hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha1(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(),
                            header.pkcs1.data(),
                            header.pkcs1.size(),
                            hsm::view_of(text).data(),
                            text.size()) == 1;
}

}  // namespace

Result<Ssl2> Ssl2::parse(std::string_view base64) {
    const Error malformed{ErrorKind::invalid, "the SSL2 header cannot be read", 0};
    const auto decoded = base64.size() <= header_max ? from_base64(base64) : std::nullopt;
    if (!decoded) {
        return malformed;
    }
    std::array<std::string_view, 5> parts;
    auto rest = hsm::text_of(*decoded);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto end = i + 1 < parts.size() ? rest.find(':') : rest.size();
        if (end == std::string_view::npos) {
            return malformed;
        }
        parts[i] = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    Ssl2 header;
    header.user = parts[0];
    header.password = parts[1];
    header.signature = parts[2];
    header.time = parts[3];
    auto pkcs1 = from_base64(parts[4]);
    const auto [last, error] = std::from_chars(parts[3].begin(), parts[3].end(), header.time_ms);
    if (!pkcs1 || error != std::errc() || last != parts[3].end() || header.user.empty()) {
        return malformed;
    }
    header.pkcs1 = *std::move(pkcs1);
    return header;
}

Result<void> Ssl2Verifier::check(const Ssl2& header,
                                 std::string_view public_key_base64,
                                 std::string_view relying_party_signature) {
    const auto now = clock_.now_ms();
    if (header.time_ms < now - window_ms || header.time_ms > now + window_ms ||
        !hsm::equal_constant_time(hsm::view_of(header.signature),
                                  hsm::view_of(relying_party_signature))) {
        return refused();
    }
    const auto der = from_base64(public_key_base64);
    const auto key = der ? hsm::openssl::read_spki(*der) : nullptr;
    if (!is_signed(header, key.get())) {
        return refused();
    }
    const std::lock_guard lock(mutex_);
    // Older ones are refused by their time.
    seen_.erase(seen_.begin(), seen_.lower_bound({now - window_ms, ""}));
    if (seen_.size() >= seen_max) {
        return Error{ErrorKind::busy, "too many log in", 60};
    }
    const bool is_new =
        seen_.emplace(header.time_ms, std::string(hsm::text_of(header.pkcs1))).second;
    if (!is_new) {
        return refused();
    }
    return {};
}

}  // namespace cloudsign::rssp
