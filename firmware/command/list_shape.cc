#include "firmware/command/list_shape.h"

#include "firmware/engine/der.h"

namespace firmware::command {

using hsm::Byte;
using hsm::Result;
using hsm::Status;

namespace {

constexpr Byte utc_time = 0x17;
constexpr Byte generalized_time = 0x18;
constexpr Byte extensions_tag = 0xa0;
constexpr Byte version_2 = 1;
constexpr std::uint32_t utc_time_size = 13;  // RFC 5280 §4.1.2.5: with seconds, in Zulu
constexpr std::uint32_t generalized_time_size = 15;

bool is_time(Byte tag, std::uint32_t length) {
    return (tag == utc_time && length == utc_time_size) ||
           (tag == generalized_time && length == generalized_time_size);
}

// How many bytes of length follow the first one; the shortest form is the caller's to check.
std::size_t length_bytes(Byte first) {
    return first < 0x80 ? 0 : first - 0x80u;
}

}  // namespace

void ListShape::begin(std::uint32_t size) {
    *this = ListShape();
    left_ = size;
}

// True when the head of an element is whole.
Result<bool> ListShape::read_head(Byte byte) {
    head_[head_size_++] = byte;
    if (head_size_ < 2) {
        return false;
    }
    const auto more = length_bytes(head_[1]);
    if (more > head_size_max - 2 || head_[1] == 0x80) {
        return Status::content_wrong;
    }
    return head_size_ == 2 + more;
}

Result<void> ListShape::take(hsm::ByteView bytes) {
    if (bytes.size() > left_) {
        return Status::content_wrong;
    }
    left_ -= static_cast<std::uint32_t>(bytes.size());
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (to_skip_ != 0) {
            if (version_value_ && bytes[at] != version_2) {
                return Status::content_wrong;
            }
            version_value_ = false;
            const auto skipped = std::min<std::size_t>(to_skip_, bytes.size() - at);
            to_skip_ -= static_cast<std::uint32_t>(skipped);
            at += skipped;
            continue;
        }
        if (position_ == Position::end) {
            return Status::content_wrong;
        }
        TRY_ASSIGN(const bool whole, read_head(bytes[at++]));
        if (!whole) {
            continue;
        }
        std::uint32_t length = head_[1];
        if (head_size_ > 2) {
            length = 0;
            for (std::size_t i = 2; i < head_size_; ++i) {
                length = length << 8 | head_[i];
            }
            // X.690 §10.1: the shortest form.
            const std::uint32_t least = head_size_ == 3 ? 0x80u : 1u << (8 * (head_size_ - 3));
            if (length < least) {
                return Status::content_wrong;
            }
        }
        head_size_ = 0;
        const auto rest = static_cast<std::uint32_t>(bytes.size() - at) + left_;
        TRY(position_ == Position::outer
                ? (length == rest ? enter(head_[0], length) : Status::content_wrong)
                : (length <= rest ? take_element(head_[0], length) : Status::content_wrong));
    }
    return {};
}

Result<void> ListShape::enter(Byte tag, std::uint32_t length) {
    if (tag != engine::der_sequence || length == 0) {
        return Status::content_wrong;
    }
    position_ = Position::version;
    return {};
}

Result<void> ListShape::take_element(Byte tag, std::uint32_t length) {
    bool right = false;
    auto next = Position::end;
    switch (position_) {
        case Position::version:
            right = tag == engine::der_integer && length == 1;
            version_value_ = true;
            next = Position::signature;
            break;
        case Position::signature:
            right = tag == engine::der_sequence && length != 0;
            next = Position::issuer;
            break;
        case Position::issuer:
            right = tag == engine::der_sequence && length != 0;
            next = Position::this_update;
            break;
        case Position::this_update:
            right = is_time(tag, length);
            next = Position::next_update;
            break;
        case Position::next_update:
            right = is_time(tag, length);
            next = Position::revoked;
            break;
        case Position::revoked:
            if (tag == engine::der_sequence) {
                // RFC 5280 §5.1.2.6: absent rather than empty. Then only the extensions are left.
                right = length != 0 && !revoked_taken_;
                revoked_taken_ = true;
                next = Position::revoked;
                break;
            }
            right = tag == extensions_tag && length != 0;
            break;
        case Position::outer:
        case Position::end:
            break;
    }
    if (!right) {
        return Status::content_wrong;
    }
    position_ = next;
    to_skip_ = length;
    return {};
}

bool ListShape::is_whole() const {
    return position_ == Position::end && to_skip_ == 0 && left_ == 0;
}

}  // namespace firmware::command
