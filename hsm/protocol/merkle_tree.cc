#include "hsm/protocol/merkle_tree.h"

namespace hsm::protocol {
namespace {

// Leaves 0…count-1 of one perfect subtree, or of what is left at the right edge, are folded from
// the left with a stack of finished subtrees: no recursion, log2(leaf_count_max) + 1 places.
struct Subtree {
    Digest hash{};
    std::size_t leaves = 0;
};

}  // namespace

Digest node_hash(const Digest& left, const Digest& right, Sha256 sha256) {
    constexpr Byte node_prefix[] = {0x01};
    const std::array<ByteView, 3> parts = {node_prefix, left, right};
    return sha256(parts);
}

Result<Digest> tree_root(std::span<const Digest> leaves, Sha256 sha256) {
    if (leaves.empty() || leaves.size() > leaf_count_max) {
        return Status::leaf_count_wrong;
    }
    std::array<Subtree, path_length_max + 2> stack{};
    std::size_t height = 0;
    for (const auto& leaf : leaves) {
        stack[height++] = {leaf, 1};
        while (height >= 2 && stack[height - 1].leaves == stack[height - 2].leaves) {
            stack[height - 2] = {node_hash(stack[height - 2].hash, stack[height - 1].hash, sha256),
                                 2 * stack[height - 2].leaves};
            --height;
        }
    }
    // What is left are perfect subtrees, largest first: RFC 9162 splits at the largest power of two
    // below n, so they join from the right.
    while (height >= 2) {
        stack[height - 2].hash = node_hash(stack[height - 2].hash, stack[height - 1].hash, sha256);
        --height;
    }
    return stack[0].hash;
}

Result<Path> tree_path(std::span<const Digest> leaves, std::size_t index, Sha256 sha256) {
    if (leaves.empty() || leaves.size() > leaf_count_max) {
        return Status::leaf_count_wrong;
    }
    if (index >= leaves.size()) {
        return Status::leaf_index_wrong;
    }
    // From the root down: at each split the half without the leaf gives one sibling. The path
    // wants them from the leaf up.
    Path downward;
    while (leaves.size() > 1) {
        std::size_t split = 1;
        while (2 * split < leaves.size()) {
            split *= 2;
        }
        const bool right = index >= split;
        const auto sibling = right ? leaves.first(split) : leaves.subspan(split);
        TRY_ASSIGN(auto hash, tree_root(sibling, sha256));
        CHECK(downward.push_back(hash));
        leaves = right ? leaves.subspan(split) : leaves.first(split);
        index = right ? index - split : index;
    }
    Path path;
    for (std::size_t i = downward.size(); i > 0; --i) {
        CHECK(path.push_back(downward[i - 1]));
    }
    return path;
}

Result<void> verify_path(const Digest& leaf,
                         std::uint64_t index,
                         std::uint64_t count,
                         ByteView path,
                         const Digest& root,
                         Sha256 sha256) {
    if (count == 0 || count > leaf_count_max || index >= count) {
        return Status::leaf_index_wrong;
    }
    if (path.size() % digest_size != 0 || path.size() > path_length_max * digest_size) {
        return Status::leaf_path_wrong;
    }
    // Names as in RFC 9162 §2.1.3.2.
    std::uint64_t fn = index;
    std::uint64_t sn = count - 1;
    Digest r = leaf;
    while (!path.empty()) {
        if (sn == 0) {
            return Status::leaf_path_wrong;
        }
        Digest p{};
        std::ranges::copy(path.first(digest_size), p.begin());
        path = path.subspan(digest_size);
        if ((fn & 1) == 1 || fn == sn) {
            r = node_hash(p, r, sha256);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = node_hash(r, p, sha256);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || !equal_constant_time(r, root)) {
        return Status::leaf_path_wrong;
    }
    return {};
}

}  // namespace hsm::protocol
