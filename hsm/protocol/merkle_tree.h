#pragma once

#include "hsm/protocol/types.h"

// The hash tree of RFC 9162 §2.1 over leaf hashes, once for module, server and phone.
namespace hsm::protocol {

// SHA-256(0x01 ‖ left ‖ right): RFC 9162 §2.1.1.
Digest node_hash(const Digest& left, const Digest& right, Sha256 sha256);

// RFC 9162 §2.1.1 for 1 ≤ leaves ≤ leaf_count_max.
Result<Digest> tree_root(std::span<const Digest> leaves, Sha256 sha256);

using Path = BoundedList<Digest, path_length_max>;

// RFC 9162 §2.1.3.1: the sibling hashes from leaf to root.
Result<Path> tree_path(std::span<const Digest> leaves, std::size_t index, Sha256 sha256);

// RFC 9162 §2.1.3.2, with the path consumed exactly. `leaf_index_wrong`, `leaf_path_wrong`.
Result<void> verify_path(const Digest& leaf,
                         std::uint64_t index,
                         std::uint64_t count,
                         ByteView path,
                         const Digest& root,
                         Sha256 sha256);

}  // namespace hsm::protocol
