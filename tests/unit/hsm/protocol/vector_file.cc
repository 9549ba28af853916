#include "tests/unit/hsm/protocol/vector_file.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <openssl/sha.h>

namespace hsm::protocol::testing {

namespace json = boost::json;

std::string source_file(std::string_view path) {
    const char* root = std::getenv("KYSO_SOURCE");
    CHECK(root != nullptr);
    std::ifstream stream(std::string(root) + "/" + std::string(path), std::ios::binary);
    CHECK(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

const json::object& vectors() {
    static const json::value file = json::parse(source_file("tests/vectors/protocol/vectors.json"));
    return file.as_object();
}

bool Vector::is_request() const {
    return name.ends_with(".request");
}
bool Vector::is_response() const {
    return name.ends_with(".response");
}

const std::vector<Vector>& all_vectors() {
    static const auto all = [] {
        std::vector<Vector> rows;
        for (const auto& [name, row] : vectors().at("structures").as_object()) {
            rows.push_back({name,
                            row.at("structure").as_string().c_str(),
                            &row.as_object(),
                            from_hex(row.at("encoded"))});
        }
        return rows;
    }();
    return all;
}

const Vector& vector_named(std::string_view name) {
    for (const auto& vector : all_vectors()) {
        if (vector.name == name) {
            return vector;
        }
    }
    CHECK(!"a vector of this name");
    std::abort();
}

Bytes from_hex(const json::value& text) {
    const auto& digits = text.as_string();
    CHECK(digits.size() % 2 == 0);
    Bytes bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        bytes.push_back(
            static_cast<Byte>(std::stoul(std::string(digits.subview(i, 2)), nullptr, 16)));
    }
    return bytes;
}

Digest sha256(std::span<const ByteView> parts) {
    Bytes whole;
    for (const auto& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    Digest digest{};
    SHA256(whole.data(), whole.size(), digest.data());
    return digest;
}

Digest sha256_of(ByteView bytes) {
    const std::array<ByteView, 1> parts = {bytes};
    return sha256(parts);
}

}  // namespace hsm::protocol::testing
