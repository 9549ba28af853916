#include "server/cli/signed_input.h"

#include <fstream>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "hsm/openssl/digest.h"
#include "hsm/openssl/pointers.h"

namespace server::cli {

using cloudsign::Bytes;
using hsm::protocol::DigestAlgorithm;

Outcome<Bytes> hash_of_file(const std::string& file, DigestAlgorithm digest) {
    std::ifstream in(file, std::ios::binary);
    const hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    CHECK(EVP_DigestInit_ex(context.get(), hsm::openssl::message_digest(digest), nullptr) == 1);
    std::vector<char> buffer(256 * 1024);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
        CHECK(EVP_DigestUpdate(
                  context.get(), buffer.data(), static_cast<std::size_t>(in.gcount())) == 1);
    }
    if (!in.eof()) {
        return usage_failure(file + ": cannot be read");
    }
    Bytes hash(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1);
    hash.resize(size);
    return hash;
}

// RFC 7515 §4.1.10: media types of "application/" are named without it.
std::string_view content_type_of(const std::string& file) {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {".json", "json"}, {".xml", "xml"}, {".pdf", "pdf"}, {".txt", "text/plain"}};
    for (const auto& [ending, type] : types) {
        if (file.ends_with(ending)) {
            return type;
        }
    }
    return "octet-stream";
}

}  // namespace server::cli
