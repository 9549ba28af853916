#include "cloudsign/document/pdf_placeholder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "cloudsign/hex.h"
#include "hsm/openssl/digest.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::document {
namespace {

constexpr std::string_view keyword = "/ByteRange";
constexpr std::string_view blanks = " \t\r\n\f";

// The four numbers behind the last keyword.
std::optional<std::array<std::size_t, 4>> last_byte_range(std::string_view pdf) {
    const auto at = pdf.rfind(keyword);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    auto rest = pdf.substr(at + keyword.size());
    const auto skip = [&rest] {
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    };
    skip();
    if (!rest.starts_with('[')) {
        return std::nullopt;
    }
    rest.remove_prefix(1);
    std::array<std::size_t, 4> range{};
    for (auto& number : range) {
        skip();
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc()) {
            return std::nullopt;
        }
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    }
    skip();
    return rest.starts_with(']') ? std::optional(range) : std::nullopt;
}

}  // namespace

Result<PdfPlaceholder> find_placeholder(hsm::ByteView pdf) {
    const Error unprepared{ErrorKind::invalid,
                           "The PDF has no empty signature that covers all of it."};
    const auto text = hsm::text_of(pdf);
    const auto range = last_byte_range(text);
    if (!range) {
        return unprepared;
    }
    const auto [begin, size, rest, rest_size] = *range;
    if (begin != 0 || size + 2 > rest || rest > text.size() || rest_size != text.size() - rest ||
        text[size] != '<' || text[rest - 1] != '>') {
        return unprepared;
    }
    const auto zeros = text.substr(size + 1, rest - size - 2);
    if (zeros.size() % 2 != 0 || zeros.find_first_not_of('0') != std::string_view::npos) {
        return unprepared;
    }
    return PdfPlaceholder{size, rest};
}

Bytes hash_around(hsm::ByteView pdf,
                  const PdfPlaceholder& placeholder,
                  hsm::protocol::DigestAlgorithm digest) {
    const hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    CHECK(EVP_DigestInit_ex(context.get(), hsm::openssl::message_digest(digest), nullptr) == 1);
    for (const auto part : {pdf.first(placeholder.contents), pdf.subspan(placeholder.behind)}) {
        CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    Bytes hash(hsm::protocol::digest_length(digest));
    CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
    return hash;
}

Result<std::string> contents_of(const Bytes& cms, std::size_t room) {
    if (cms.size() > room) {
        return Error{ErrorKind::invalid,
                     "The PDF keeps " + std::to_string(room) + " bytes for a signature of " +
                         std::to_string(cms.size()) + "."};
    }
    std::string contents;
    contents.reserve(2 * room + 2);
    contents.append("<").append(hex(cms)).resize(1 + 2 * room, '0');
    contents += '>';
    return contents;
}

}  // namespace cloudsign::document
