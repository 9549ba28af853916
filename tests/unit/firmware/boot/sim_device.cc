#include "tests/unit/firmware/boot/sim_device.h"

#include "firmware/engine/digest.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/psa/initialize.h"

namespace firmware::boot::testing {

namespace wire = hsm::protocol;
using tests::support::sha256_of;

namespace {

Bytes image_of(std::uint32_t version, std::uint32_t address, std::size_t size) {
    std::mt19937 random(version * 31 + address);
    Bytes image(size);
    for (auto& byte : image) {
        byte = static_cast<Byte>(random());
    }
    return image;
}

}  // namespace

const Passkey& maker() {
    static const Passkey key;
    return key;
}

ReleaseRules rules() {
    return {board_name, maker().point(), run_addresses};
}

wire::FirmwareHeader header_of(const ReleaseForm& form,
                               const std::array<Bytes, slot_count>& images) {
    wire::FirmwareHeader header;
    CHECK(wire::set_board_name(header, form.board));
    header.version = form.version;
    header.security_version = form.security_version;
    for (SlotIndex slot = 0; slot < slot_count; ++slot) {
        CHECK(header.variants.push_back({form.addresses[slot],
                                         static_cast<std::uint32_t>(images[slot].size()),
                                         sha256_of(images[slot])}));
    }
    return header;
}

FirmwareHead signed_head(const wire::FirmwareHeader& header, const Passkey& by) {
    FirmwareHead head{};
    const auto bytes = MutableBytes(head).first(wire::firmware_header_size);
    CHECK(wire::encode_firmware_header(header, bytes).has_value());
    const auto raw = engine::ecdsa_from_der(wire::KeyType::p256, by.sign(sha256_of(bytes)));
    CHECK(raw.has_value() && raw->size() == wire::firmware_signature_size);
    std::ranges::copy(*raw, head.begin() + wire::firmware_header_size);
    return head;
}

Release make_release(const ReleaseForm& form) {
    CHECK(engine::psa::initialize().has_value());
    Release release;
    for (SlotIndex slot = 0; slot < slot_count; ++slot) {
        release.images[slot] = image_of(form.version, form.addresses[slot], form.size);
    }
    release.head = signed_head(header_of(form, release.images), maker());
    release.hash = firmware_hash(release.head);
    release.version = form.version;
    release.security_version = form.security_version;
    return release;
}

Result<ByteView> SimPlacement::place(SlotIndex slot, std::uint32_t size) {
    if (sent_[slot] != nullptr) {
        return ByteView(sent_[slot]->images[slot])
            .first(std::min<std::size_t>(size, sent_[slot]->images[slot].size()));
    }
    placed_.resize(size);
    TRY(slots_[slot]->read(wire::firmware_body_offset, placed_));
    return ByteView(placed_);
}

SimDevice::SimDevice(Flaw flaw) : flash(geometry), flaw_(flaw), rules_(rules()) {}

SimDevice::SimDevice(const SimDevice& other)
    : flash(other.flash), flaw_(other.flaw_), rules_(rules()), sent_(other.sent_) {}

hal::Flash& SimDevice::state_flash() {
    return flaw_ == Flaw::record_in_place ? static_cast<hal::Flash&>(state_in_place) : state;
}

Result<void> SimDevice::flash_raw(SlotIndex slot, const Release& release) {
    auto& into = *slots()[slot];
    for (std::uint32_t sector = 0; sector < slot_sectors; ++sector) {
        TRY(into.erase(sector));
    }
    Bytes all(release.head.begin(), release.head.end());
    all.resize(wire::firmware_body_offset, 0xff);
    all.insert(all.end(), release.images[slot].begin(), release.images[slot].end());
    all.resize((all.size() + 15) / 16 * 16, 0xff);
    for (std::size_t done = 0; done < all.size(); done += geometry.sector_size) {
        const auto part = ByteView(all).subspan(
            done, std::min<std::size_t>(geometry.sector_size, all.size() - done));
        TRY(into.program(static_cast<std::uint32_t>(done), part));
    }
    TRY(into.sync());
    sent_[slot] = &release;
    return {};
}

Result<SlotIndex> SimDevice::start() {
    updater_ = std::make_unique<Updater>(rules_, Updater::Ports{slots(), state_flash(), guard});
    std::array<const Release*, slot_count> unread{};
    if (flaw_ == Flaw::image_unread) {
        unread = sent_;
    }
    SimPlacement placement(slots(), unread);
    Loader loader(rules_, {slots(), state_flash(), guard, placement});
    Permit permit;
    TRY(loader.choose(permit));
    const auto* at = std::ranges::find(run_addresses, permit.address());
    CHECK(at != run_addresses.end());
    return static_cast<SlotIndex>(at - run_addresses.begin());
}

Result<void> SimDevice::draw_secret() {
    std::array<Byte, engine::psa::flash_secret_size> drawn{};
    drawn.fill(0x5e);
    return flash_secret.draw(drawn);
}

engine::psa::FlashSecret::Presence SimDevice::secret_presence() {
    const auto presence = flash_secret.look();
    CHECK(presence.has_value());
    return *presence;
}

Result<void> SimDevice::download(const Release& release, std::size_t size_max) {
    TRY_ASSIGN(const auto candidate, updater().examine(release.head));
    TRY(updater().begin(candidate));
    sent_[candidate.slot] = &release;
    const ByteView image = release.images[candidate.slot];
    const auto end = std::min(image.size(), size_max);
    constexpr std::size_t chunk_size = 640;
    for (std::size_t done = 0; done < end; done += chunk_size) {
        const auto chunk = image.subspan(done, std::min(chunk_size, image.size() - done));
        TRY(updater().write(static_cast<std::uint32_t>(done), chunk));
    }
    return {};
}

Result<void> SimDevice::finish() {
    TRY(updater().seal());
    return updater().activate();
}

Result<void> SimDevice::install(const Release& release) {
    TRY(download(release));
    return finish();
}

const Release* SimDevice::found_in(SlotIndex slot, std::span<const Release* const> releases) {
    for (const auto* release : releases) {
        Bytes bytes(wire::firmware_body_offset + release->images[slot].size());
        if (slots()[slot]->read(0, bytes) &&
            hsm::equal(ByteView(bytes).first(release->head.size()), release->head) &&
            hsm::equal(ByteView(bytes).subspan(wire::firmware_body_offset),
                       release->images[slot])) {
            return release;
        }
    }
    return nullptr;
}

}  // namespace firmware::boot::testing
