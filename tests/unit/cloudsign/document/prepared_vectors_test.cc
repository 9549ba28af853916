#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/document/pdf_signature.h"
#include "hsm/base/check.h"

// What the signer's phone knows of a PDF that waits for its signature
// (cloudsign/web/approve/core/prepared_pdf.ts) is how this library writes it: its tests read the
// same vectors. Where the form is to change, both change; KYSO_VECTORS_MADE has the new ones.
namespace cloudsign::document {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

constexpr std::int64_t signing_time_ms = 1'790'000'000'000;

json::object vectors() {
    const char* root = std::getenv("KYSO_SOURCE");
    CHECK(root != nullptr);
    std::ifstream file(fs::path(root) / "tests/vectors/document/prepared.json");
    CHECK(file.good());
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
}

struct Wish {
    PdfSignature signature;
    Algorithm algorithm{Scheme::ecdsa, DigestAlgorithm::sha256, 0};
};

Wish wish_named(std::string_view name) {
    Wish wish;
    wish.signature.time_ms = signing_time_ms;
    if (name == "table") {
        wish.signature.reason = "Phê duyệt";
        wish.signature.location = "Trụ sở (tầng 2) \\";
        wish.signature.certification = Certification::fields_only;
    } else if (name == "stream") {
        wish.signature.location = "(Hue";
        wish.algorithm.digest = DigestAlgorithm::sha384;
    } else if (name == "certified and filled") {
        wish.signature.certification = Certification::fields_only;
        wish.signature.fill = {{"so", "12/QĐ-UBND"}};
    } else if (name == "filled") {
        wish.signature.field = "seal";
        wish.signature.fill = {{"ngày (1)", "02"}, {"tháng", "9"}};
    }
    return wish;
}

void keep(const json::object& made) {
    const fs::path folder(KYSO_VECTORS_MADE);
    fs::create_directories(folder);
    std::ofstream file(folder / "prepared.json");
    file << "{\"leaf\": " << json::serialize(made.at("leaf")) << ", \"prepared\": [";
    std::string_view between = "\n";
    for (const auto& one : made.at("prepared").as_array()) {
        file << between << json::serialize(one);
        between = ",\n";
    }
    file << "\n]}\n";
}

TEST(PreparedVectors, AreWhatIsWritten) {
    const auto known = vectors();
    const std::vector<Bytes> chain{*from_base64url(known.at("leaf").as_string())};
    auto made = known;
    std::string behind;

    for (auto& item : made.at("prepared").as_array()) {
        auto& one = item.as_object();
        const auto wish = wish_named(one.at("name").as_string());
        const auto base =
            one.contains("base")
                ? std::string(hsm::text_of(*from_base64url(one.at("base").as_string())))
                : behind;  // a second signature, behind the vector before
        const auto prepared =
            prepare_pdf(hsm::view_of(base), chain, wish.algorithm, wish.signature);
        ASSERT_TRUE(prepared) << prepared.error().detail;
        behind = base + unsigned_increment(*prepared);
        one["written"] = json::parse(to_text(*prepared));
    }

    keep(made);
    EXPECT_EQ(made, known);
}

}  // namespace
}  // namespace cloudsign::document
