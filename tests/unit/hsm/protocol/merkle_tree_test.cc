#include "hsm/protocol/merkle_tree.h"

#include <gtest/gtest.h>

#include "hsm/protocol/activation.h"
#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol {
namespace {

using testing::Bytes;
using testing::sha256;

std::size_t largest_power_below(std::size_t n) {
    std::size_t k = 1;
    while (2 * k < n) {
        k *= 2;
    }
    return k;
}

// RFC 9162 §2.1.1 and §2.1.3.1 as they stand there.
Digest naive_root(std::span<const Digest> leaves) {
    if (leaves.size() == 1) {
        return leaves[0];
    }
    const auto k = largest_power_below(leaves.size());
    return node_hash(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)), sha256);
}
std::vector<Digest> naive_path(std::span<const Digest> leaves, std::size_t m) {
    if (leaves.size() == 1) {
        return {};
    }
    const auto k = largest_power_below(leaves.size());
    auto path = m < k ? naive_path(leaves.first(k), m) : naive_path(leaves.subspan(k), m - k);
    path.push_back(naive_root(m < k ? leaves.subspan(k) : leaves.first(k)));
    return path;
}

std::vector<Digest> make_leaves(std::size_t count) {
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < count; ++i) {
        leaves.push_back(testing::sha256_of(view_of(std::to_string(i))));
    }
    return leaves;
}

Bytes flat(std::span<const Digest> path) {
    Bytes bytes;
    for (const auto& node : path) {
        bytes.insert(bytes.end(), node.begin(), node.end());
    }
    return bytes;
}

TEST(MerkleTree, AgreesWithTheDefinitionForEverySizeAndIndex) {
    const auto all = make_leaves(130);
    for (std::size_t count = 1; count <= all.size(); ++count) {
        const auto leaves = std::span(all).first(count);
        const auto root = tree_root(leaves, sha256);
        ASSERT_EQ(*root, naive_root(leaves)) << count;
        for (std::size_t index = 0; index < count; ++index) {
            const auto path = tree_path(leaves, index, sha256);
            const auto expected = flat(naive_path(leaves, index));

            ASSERT_TRUE(path);
            ASSERT_EQ(flat({path->begin(), path->size()}), expected) << index << " of " << count;
            ASSERT_TRUE(verify_path(leaves[index], index, count, expected, *root, sha256));
        }
    }
}

TEST(MerkleTree, AcceptsAPathForItsLeafAndPlaceOnly) {
    constexpr std::size_t largest = 40;
    const auto all = make_leaves(largest);
    for (const std::size_t count : {1u, 2u, 3u, 5u, 8u, 21u, 40u}) {
        const auto leaves = std::span(all).first(count);
        const auto root = *tree_root(leaves, sha256);
        for (std::size_t index = 0; index < count; ++index) {
            const auto path = flat(naive_path(leaves, index));
            for (std::size_t other = 0; other < largest; ++other) {
                if (other != index) {
                    EXPECT_FALSE(verify_path(leaves[index], other, count, path, root, sha256));
                    EXPECT_FALSE(verify_path(all[other], index, count, path, root, sha256));
                }
            }
        }
    }
}

TEST(MerkleTree, RefusesDamagedPaths) {
    const auto leaves = make_leaves(21);
    const auto root = *tree_root(leaves, sha256);
    for (std::size_t index = 0; index < leaves.size(); ++index) {
        const auto honest = flat(naive_path(leaves, index));
        const auto verifies = [&](ByteView path) {
            return verify_path(leaves[index], index, leaves.size(), path, root, sha256).has_value();
        };
        ASSERT_TRUE(verifies(honest));

        for (std::size_t size = 0; size < honest.size(); ++size) {
            EXPECT_FALSE(verifies(ByteView(honest).first(size))) << size;
            EXPECT_FALSE(verifies(ByteView(honest).last(size))) << size;
        }
        for (std::size_t at = 0; at <= honest.size(); at += digest_size) {
            for (const auto& extra : {leaves[index], root, Digest{}}) {
                auto longer = honest;
                longer.insert(
                    longer.begin() + static_cast<std::ptrdiff_t>(at), extra.begin(), extra.end());
                EXPECT_FALSE(verifies(longer)) << at;
            }
        }
        for (std::size_t at = 0; at + digest_size < honest.size(); at += digest_size) {
            auto swapped = honest;
            const auto from = swapped.begin() + static_cast<std::ptrdiff_t>(at);
            std::swap_ranges(from, from + digest_size, from + digest_size);
            EXPECT_FALSE(verifies(swapped)) << at;
        }
        for (std::size_t at = 0; at < honest.size(); ++at) {
            auto flipped = honest;
            flipped[at] ^= 1;
            EXPECT_FALSE(verifies(flipped)) << at;
        }
    }
}

TEST(MerkleTree, RefusesAnInnerNodeAsLeaf) {
    const auto leaves = make_leaves(4);
    const auto root = *tree_root(leaves, sha256);
    const auto left = node_hash(leaves[0], leaves[1], sha256);
    const auto right = node_hash(leaves[2], leaves[3], sha256);

    EXPECT_FALSE(verify_path(left, 0, 4, right, root, sha256));
    // The count is inside the challenge, so a tree of two that has the same root is another one.
    EXPECT_TRUE(verify_path(left, 0, 2, right, root, sha256));
}

TEST(MerkleTree, RefusesCountsAndIndicesOutOfRange) {
    const auto leaves = make_leaves(1);

    EXPECT_EQ(verify_path(leaves[0], 0, 0, {}, leaves[0], sha256).error(),
              Status::leaf_index_wrong);
    EXPECT_EQ(verify_path(leaves[0], 1, 1, {}, leaves[0], sha256).error(),
              Status::leaf_index_wrong);
    EXPECT_EQ(verify_path(leaves[0], 0, leaf_count_max + 1, {}, leaves[0], sha256).error(),
              Status::leaf_index_wrong);
    EXPECT_EQ(verify_path(leaves[0], UINT64_MAX, UINT64_MAX, {}, leaves[0], sha256).error(),
              Status::leaf_index_wrong);
    EXPECT_EQ(tree_root({}, sha256).error(), Status::leaf_count_wrong);
    EXPECT_EQ(tree_root(make_leaves(leaf_count_max + 1), sha256).error(), Status::leaf_count_wrong);
    EXPECT_EQ(tree_path(leaves, 1, sha256).error(), Status::leaf_index_wrong);
}

TEST(MerkleTree, HoldsTheLargestTree) {
    const auto leaves = make_leaves(leaf_count_max);
    const auto root = tree_root(leaves, sha256);

    ASSERT_EQ(*root, naive_root(leaves));
    for (const std::size_t index : {std::size_t{0}, std::size_t{511}, leaf_count_max - 1}) {
        const auto path = tree_path(leaves, index, sha256);
        ASSERT_EQ(path->size(), path_length_max);
        EXPECT_TRUE(verify_path(leaves[index],
                                index,
                                leaf_count_max,
                                flat({path->begin(), path->size()}),
                                *root,
                                sha256));
    }
}

TEST(LeafHash, WantsAHashOfTheDigestsLength) {
    const Bytes hash(64);
    const auto leaf = [&](DigestAlgorithm digest, std::size_t size) {
        return leaf_hash(0, digest, ByteView(hash).first(size), Digest{}, sha256);
    };

    EXPECT_TRUE(leaf(DigestAlgorithm::sha256, 32));
    EXPECT_TRUE(leaf(DigestAlgorithm::sha384, 48));
    EXPECT_TRUE(leaf(DigestAlgorithm::sha512, 64));
    EXPECT_EQ(leaf(DigestAlgorithm::sha256, 31).error(), Status::algorithm_wrong);
    EXPECT_EQ(leaf(DigestAlgorithm::sha256, 48).error(), Status::algorithm_wrong);
    EXPECT_EQ(leaf(static_cast<DigestAlgorithm>(0), 0).error(), Status::algorithm_wrong);
}

}  // namespace
}  // namespace hsm::protocol
