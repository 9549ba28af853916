#include <vector>

#include "firmware/boot/loader.h"
#include "firmware/boot/updater.h"
#include "firmware/engine/psa/initialize.h"
#include "firmware/hal/flash_region.h"
#include "firmware/storage/crc32c.h"
#include "hsm/base/byte_writer.h"

// Header, boot record and whole flash as somebody may have left them. The first byte chooses. The
// maker's key is one whose private half nobody has used: whatever lies in flash, nothing starts.
namespace firmware::boot {
namespace {

namespace wire = hsm::protocol;

constexpr hal::FlashGeometry geometry = {1024, 9, 16};
constexpr std::uint32_t slot_sectors = 3;

class ImageFlash final : public hal::Flash {
public:
    hal::FlashGeometry geometry() const override { return boot::geometry; }
    Result<void> read(std::uint32_t offset, MutableBytes into) override {
        CHECK(offset + into.size() <= bytes.size());
        std::copy_n(bytes.begin() + offset, into.size(), into.begin());
        return {};
    }
    Result<void> program(std::uint32_t offset, ByteView units) override {
        CHECK(offset % boot::geometry.program_unit == 0 && offset + units.size() <= bytes.size());
        std::ranges::copy(units, bytes.begin() + offset);
        return {};
    }
    Result<void> erase(std::uint32_t sector) override {
        CHECK(sector < boot::geometry.sector_count);
        std::fill_n(bytes.begin() + sector * boot::geometry.sector_size,
                    boot::geometry.sector_size,
                    Byte{0xff});
        return {};
    }
    Result<void> sync() override { return {}; }

    std::vector<Byte> bytes =
        std::vector<Byte>(boot::geometry.sector_size * boot::geometry.sector_count, 0xff);
};

class NoSecret final : public KekGuard {
public:
    Result<bool> holds_secret() override { return false; }
    Result<Digest> mac(ByteView) override { return Status::key_missing; }
    Result<void> wipe() override { return {}; }
    Result<void> forget() override { return {}; }
};

class InFlash final : public Placement {
public:
    explicit InFlash(ImageFlash& flash) : flash_(flash) {}
    Result<ByteView> place(SlotIndex slot, std::uint32_t size) override {
        const auto start = slot * slot_sectors * geometry.sector_size + wire::firmware_body_offset;
        CHECK(start + size <= flash_.bytes.size());
        return ByteView(flash_.bytes).subspan(start, size);
    }

private:
    ImageFlash& flash_;
};

// P-256's base point: a public key that is valid.
constexpr wire::Point maker = {0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc,
                               0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d,
                               0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
                               0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb,
                               0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
                               0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
const ReleaseRules rules = {"fuzz", maker, {0x1000, 0x2000}};

void use_header(ByteView bytes) {
    const auto header = wire::decode_firmware_header(bytes);
    if (!header) {
        CHECK(header.error() == Status::image_malformed);
        return;
    }
    std::array<Byte, wire::firmware_header_size> again{};
    CHECK(wire::encode_firmware_header(*header, again).has_value());
    CHECK(hsm::equal(again, bytes));
}

// With the CRC put right, which no random byte would.
void put_crc(MutableBytes record) {
    constexpr std::size_t crc_at = 152;
    hsm::ByteWriter writer(record.subspan(crc_at, 4));
    writer.u32(storage::crc32c(0, record.first(crc_at)));
}

void use_record(ByteView bytes) {
    BootRecordBytes record{};
    std::ranges::copy(bytes.first(std::min(bytes.size(), record.size())), record.begin());
    put_crc(record);
    if (const auto decoded = decode_boot_record(record)) {
        CHECK(hsm::equal(encode(*decoded), record));
    }
}

void use_flash(ByteView bytes) {
    ImageFlash flash;
    hal::FlashRegion slot_a(flash, 0, slot_sectors);
    hal::FlashRegion slot_b(flash, slot_sectors, slot_sectors);
    hal::FlashRegion state(flash, 2 * slot_sectors, 2);
    const auto state_at = 2 * slot_sectors * geometry.sector_size;
    // The record first, then the slots from their starts.
    const auto record = bytes.first(std::min(bytes.size(), boot_record_size));
    std::ranges::copy(record, flash.bytes.begin() + state_at);
    put_crc(MutableBytes(flash.bytes).subspan(state_at, boot_record_size));
    const auto rest = bytes.subspan(record.size());
    std::ranges::copy(rest.first(std::min<std::size_t>(rest.size(), state_at)),
                      flash.bytes.begin());

    NoSecret guard;
    InFlash placement(flash);
    Loader loader(rules, {{&slot_a, &slot_b}, state, guard, placement});
    Permit permit;
    CHECK(!loader.choose(permit).has_value());
    CHECK(!permit.is_granted());

    Updater updater(rules, {{&slot_a, &slot_b}, state, guard});
    CHECK(!updater.examine(rest.first(std::min(rest.size(), wire::firmware_head_size))));
    (void)updater.confirm();
    (void)updater.authorise_running();
}

}  // namespace
}  // namespace firmware::boot

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace firmware::boot;  // NOLINT(google-build-using-namespace)
    CHECK(firmware::engine::psa::initialize().has_value());
    if (size == 0) {
        return 0;
    }
    const ByteView bytes(input + 1, size - 1);
    switch (input[0] % 3) {
        case 0:
            use_header(bytes);
            break;
        case 1:
            use_record(bytes);
            break;
        default:
            use_flash(bytes);
    }
    return 0;
}
