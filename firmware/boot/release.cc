#include "firmware/boot/release.h"

#include "firmware/engine/digest.h"
#include "firmware/engine/es256.h"
#include "hsm/base/byte_writer.h"

namespace firmware::boot {
namespace {

namespace wire = hsm::protocol;

constexpr std::string_view authorisation_tag = "kyso-authorised/1";

// An image piece by piece, so that checking it takes no more memory than this.
class SlotBody final : public engine::ByteSource {
public:
    SlotBody(hal::Flash& slot, std::uint32_t size) : slot_(slot), rest_(size) {}

    Result<ByteView> next() override {
        const auto piece =
            MutableBytes(buffer_).first(std::min<std::size_t>(rest_, buffer_.size()));
        if (piece.empty()) {
            return ByteView();
        }
        TRY(slot_.read(offset_, piece));
        offset_ += static_cast<std::uint32_t>(piece.size());
        rest_ -= static_cast<std::uint32_t>(piece.size());
        return ByteView(piece);
    }

private:
    hal::Flash& slot_;
    std::uint32_t offset_ = wire::firmware_body_offset;
    std::uint32_t rest_;
    std::array<Byte, 512> buffer_{};
};

}  // namespace

Digest firmware_hash(ByteView head) {
    const std::array parts{head.first(wire::firmware_header_size)};
    return engine::sha256(parts);
}

Result<FirmwareHeader> verify_head(const ReleaseRules& rules, ByteView head) {
    if (head.size() != wire::firmware_head_size) {
        return Status::image_malformed;
    }
    TRY_ASSIGN(const auto header,
               wire::decode_firmware_header(head.first(wire::firmware_header_size)));
    const auto signature = head.subspan(wire::firmware_header_size);
    if (!engine::verify_es256(rules.maker, firmware_hash(head), signature)) {
        return Status::image_signature_wrong;
    }
    if (header.board_name() != rules.board) {
        return Status::image_of_other_board;
    }
    return header;
}

Result<FirmwareVariant> variant_for(const ReleaseRules& rules,
                                    const FirmwareHeader& header,
                                    SlotIndex slot,
                                    const hal::Flash& flash) {
    const auto* variant = header.variant_for(rules.run_address[slot]);
    if (variant == nullptr) {
        return Status::image_of_other_board;
    }
    const auto geometry = flash.geometry();
    const auto capacity = std::uint64_t{geometry.sector_size} * geometry.sector_count;
    if (wire::firmware_body_offset + std::uint64_t{variant->size} > capacity) {
        return Status::image_too_large;
    }
    return *variant;
}

Result<FirmwareHead> read_head(hal::Flash& slot) {
    FirmwareHead head{};
    const auto read = slot.read(0, head);
    if (!read) {
        return read.error() == Status::storage_corrupt ? Status::image_malformed : read.error();
    }
    return head;
}

Result<void> verify_body(hal::Flash& slot, const FirmwareVariant& variant) {
    SlotBody body(slot, variant.size);
    const auto hash = engine::sha256(body);
    if (!hash && hash.error() != Status::storage_corrupt) {
        return hash.error();
    }
    if (!hash || !hsm::equal_constant_time(*hash, variant.hash)) {
        return Status::image_hash_wrong;
    }
    return {};
}

Result<Digest> authorisation_of(KekGuard& guard, const Digest& firmware_hash) {
    TRY_ASSIGN(const bool held, guard.holds_secret());
    if (!held) {
        return Digest{};
    }
    std::array<Byte, authorisation_tag.size() + hsm::digest_size> statement{};
    hsm::ByteWriter writer(statement);
    writer.bytes(hsm::view_of(authorisation_tag));
    writer.bytes(firmware_hash);
    CHECK(writer.ok());
    return guard.mac(statement);
}

}  // namespace firmware::boot
