#include <map>
#include <string>
#include <vector>

#include <openssl/sha.h>

#include "hsm/base/byte_reader.h"
#include "hsm/protocol/merkle_tree.h"

namespace {

using namespace hsm::protocol;

hsm::Digest sha256(std::span<const hsm::ByteView> parts) {
    std::vector<hsm::Byte> whole;
    for (const auto& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    hsm::Digest digest{};
    SHA256(whole.data(), whole.size(), digest.data());
    return digest;
}

struct Tree {
    std::vector<hsm::Digest> leaves;
    hsm::Digest root{};
};

// Leaves as in the vectors: SHA-256("leaf " ‖ i).
const Tree& tree_of(std::size_t count) {
    static std::map<std::size_t, Tree> trees;
    auto& tree = trees[count];
    for (std::size_t i = tree.leaves.size(); i < count; ++i) {
        const auto text = "leaf " + std::to_string(i);
        const std::array<hsm::ByteView, 1> parts = {hsm::view_of(text)};
        tree.leaves.push_back(sha256(parts));
    }
    if (count != 0 && tree.root == hsm::Digest{}) {
        tree.root = *tree_root(tree.leaves, sha256);
    }
    return tree;
}

}  // namespace

// Input: leaf count, index (two bytes each), path. Of all paths, exactly the honest one verifies.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    hsm::ByteReader reader(hsm::ByteView(input, size));
    const auto count = reader.u16();
    const auto index = reader.u16();
    if (!count || !index) {
        return 0;
    }
    const bool in_range = *count != 0 && *count <= leaf_count_max && *index < *count;
    const auto& tree = tree_of(in_range ? *count : 1);
    const auto verified = verify_path(
        tree.leaves[in_range ? *index : 0], *index, *count, reader.rest(), tree.root, sha256);
    if (!in_range) {
        CHECK(!verified);
        return 0;
    }
    const auto honest = tree_path(tree.leaves, *index, sha256);
    std::vector<hsm::Byte> path;
    for (const auto& node : *honest) {
        path.insert(path.end(), node.begin(), node.end());
    }
    CHECK(verified.has_value() == hsm::equal(path, reader.rest()));
    CHECK(verify_path(tree.leaves[*index], *index, *count, path, tree.root, sha256));
    return 0;
}
