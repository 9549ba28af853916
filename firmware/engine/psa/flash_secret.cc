#include "firmware/engine/psa/flash_secret.h"

#include "firmware/engine/digest.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Secret;
using hsm::Status;

namespace {

bool all_are(ByteView bytes, Byte value) {
    return std::ranges::all_of(bytes, [value](Byte byte) { return byte == value; });
}

hsm::Digest digest_of(ByteView secret) {
    const std::array parts = {secret};
    return sha256(parts);
}

}  // namespace

Result<FlashSecret::Presence> FlashSecret::load(Secret<record_size>& record) {
    const auto read = flash_.read(start(), record.storage());
    if (!read) {
        return read.error() == Status::storage_corrupt ? Result<Presence>(Presence::damaged)
                                                       : read.error();
    }
    record.resize(record_size);
    const auto bytes = record.reveal();
    if (all_are(bytes, 0xff)) {
        return Presence::absent;
    }
    if (all_are(bytes, 0x00)) {
        return Presence::wiped;
    }
    const auto digest = digest_of(bytes.first(flash_secret_size));
    const bool whole =
        hsm::equal_constant_time(ByteView(digest).first(check_size), bytes.last(check_size));
    return whole ? Presence::present : Presence::damaged;
}

Result<FlashSecret::Presence> FlashSecret::look() {
    Secret<record_size> record;
    return load(record);
}

Result<void> FlashSecret::read(Secret<flash_secret_size>& out) {
    Secret<record_size> record;
    TRY_ASSIGN(const auto presence, load(record));
    if (presence != Presence::present) {
        return Status::key_wiped;
    }
    CHECK(out.assign(record.reveal().first(flash_secret_size)));
    return {};
}

Result<void> FlashSecret::draw(ByteView secret) {
    CHECK(secret.size() == flash_secret_size && record_size % flash_.geometry().program_unit == 0);
    TRY(flash_.erase(sector_));
    Secret<record_size> record;
    const auto digest = digest_of(secret);
    std::ranges::copy(secret, record.storage().begin());
    std::ranges::copy(ByteView(digest).first(check_size),
                      record.storage().begin() + flash_secret_size);
    TRY(flash_.program(start(), record.storage()));
    return flash_.sync();
}

Result<void> FlashSecret::wipe() {
    TRY(flash_.erase(sector_));
    TRY(flash_.sync());
    static constexpr std::array<Byte, record_size> mark{};
    TRY(flash_.program(start(), mark));
    return flash_.sync();
}

Result<void> FlashSecret::forget() {
    TRY(flash_.erase(sector_));
    return flash_.sync();
}

}  // namespace firmware::engine::psa
