#include <array>
#include <memory>
#include <vector>

#include "firmware/storage/crc32c.h"
#include "firmware/storage/log_store.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

// An arbitrary store image: mount and everything after it must end, with an answer. The input is a
// list of commands, because random bytes alone would never pass a CRC: it places sector headers and
// records whose CRCs are right and whose contents are not, and raw bytes.
namespace firmware::storage {
namespace {

// The ordinary division into rings, and that of the fewest sectors.
constexpr hal::FlashGeometry geometries[] = {{4096, 8, 8}, {4096, 5, 16}};
constexpr std::uint64_t salt = 1;

class ImageFlash final : public hal::Flash {
public:
    explicit ImageFlash(const hal::FlashGeometry& geometry)
        : bytes(geometry.sector_size * geometry.sector_count, 0xff), geometry_(geometry) {}

    hal::FlashGeometry geometry() const override { return geometry_; }
    Result<void> read(std::uint32_t offset, MutableBytes into) override {
        CHECK(offset + into.size() <= bytes.size());
        std::copy_n(bytes.begin() + offset, into.size(), into.begin());
        return {};
    }
    Result<void> program(std::uint32_t offset, ByteView units) override {
        CHECK(offset % geometry_.program_unit == 0 && units.size() % geometry_.program_unit == 0 &&
              offset / geometry_.sector_size ==
                  (offset + units.size() - 1) / geometry_.sector_size);
        std::ranges::copy(units, bytes.begin() + offset);
        return {};
    }
    Result<void> erase(std::uint32_t sector) override {
        CHECK(sector < geometry_.sector_count);
        std::fill_n(
            bytes.begin() + sector * geometry_.sector_size, geometry_.sector_size, Byte{0xff});
        return {};
    }
    Result<void> sync() override { return {}; }

    std::vector<Byte> bytes;

private:
    hal::FlashGeometry geometry_;
};

class ImageMaker {
public:
    ImageMaker(ImageFlash& flash, ByteView commands)
        : flash_(flash),
          geometry_(flash.geometry()),
          state_sectors_(geometry_.sector_count < 8 ? 2 : 3),
          reader_(commands) {}

    void run() {
        while (!reader_.at_end() && command()) {
        }
    }

private:
    bool command() {
        const auto kind = reader_.u8();
        switch (kind ? *kind % 4 : 0) {
            case 0:
                return header().has_value();
            case 1:
            case 2:
                return record().has_value();
            default:
                return raw().has_value();
        }
    }

    Result<void> header() {
        TRY_ASSIGN(const auto sector, reader_.u8());
        TRY_ASSIGN(const auto turn, reader_.u8());
        TRY_ASSIGN(const auto back, reader_.u8());
        TRY_ASSIGN(const auto first_index, reader_.u16());
        TRY_ASSIGN(const auto previous_end, reader_.u16());
        sector_ = sector % geometry_.sector_count;
        const bool in_state = sector_ < state_sectors_;
        const auto count = in_state ? state_sectors_ : geometry_.sector_count - state_sectors_;
        const auto slot = in_state ? sector_ : sector_ - state_sectors_;
        SectorHeader made;
        made.ring = in_state ? RingId::state : RingId::log;
        made.geometry = geometry_;
        made.salt = salt;
        made.sequence = slot + 1 + std::uint64_t{turn} * count;
        made.tail = made.sequence - std::min<std::uint64_t>(back, made.sequence);
        made.first_index = first_index;
        made.previous_end = previous_end;
        sequence_ = made.sequence;
        offset_ = sector_header_size;
        std::ranges::copy(encode(made), flash_.bytes.begin() + sector_ * geometry_.sector_size);
        return {};
    }

    Result<void> record() {
        TRY_ASSIGN(const auto type, reader_.u8());
        TRY_ASSIGN(const auto hole, reader_.u8());
        TRY_ASSIGN(const auto number, reader_.u16());
        TRY_ASSIGN(const auto length, reader_.u16());
        const auto size = std::min<std::size_t>(length, reader_.remaining());
        TRY_ASSIGN(const auto payload, reader_.take(size));
        const auto skipped = hole % 4u * geometry_.program_unit;
        const auto start = offset_ + skipped;
        const auto end = start + record_header_size + static_cast<std::uint32_t>(size);
        if (end > geometry_.sector_size) {
            return Status::malformed;
        }
        RecordHeader made;
        made.type = static_cast<RecordType>(type % 8);
        made.hole = hole % 4;
        made.length = static_cast<std::uint16_t>(size);
        made.number = number;
        const auto seed = record_crc_seed(salt, sequence_, start);
        made.crc = crc32c(record_crc_header(seed, encode(made)), payload);
        const auto at = flash_.bytes.begin() + sector_ * geometry_.sector_size + start;
        std::ranges::copy(encode(made), at);
        std::ranges::copy(payload, at + record_header_size);
        offset_ = round_up(end, geometry_.program_unit);
        return {};
    }

    Result<void> raw() {
        TRY_ASSIGN(const auto place, reader_.u16());
        TRY_ASSIGN(const auto length, reader_.u8());
        const auto size = std::min<std::size_t>(
            {length, reader_.remaining(), flash_.bytes.size() - place % flash_.bytes.size()});
        TRY_ASSIGN(const auto bytes, reader_.take(size));
        std::ranges::copy(
            bytes, flash_.bytes.begin() + static_cast<std::ptrdiff_t>(place % flash_.bytes.size()));
        return {};
    }

    ImageFlash& flash_;
    const hal::FlashGeometry geometry_;
    const std::uint32_t state_sectors_;
    hsm::ByteReader reader_;
    std::uint32_t sector_ = 0;
    std::uint64_t sequence_ = 1;
    std::uint32_t offset_ = sector_header_size;
};

class CountingVisitor final : public LogVisitor {
public:
    Result<void> log_record(std::uint64_t, ByteView record) override {
        seen += record.size();
        return {};
    }
    Result<void> note(ByteView note) override {
        seen += note.size();
        return {};
    }
    std::size_t seen = 0;
};

// The answers do not matter, only that they come.
void use(LogStore& store) {
    static std::array<Byte, log_record_size_max> buffer{};
    static Key key;
    static Value value;
    for (auto index = store.first_log_index();
         index < store.next_log_index() && index < store.first_log_index() + 300;
         ++index) {
        (void)store.read_log(index, buffer);
    }
    std::size_t cursor = 0;
    for (auto more = store.next_entry({}, cursor, key, value); more && *more;
         more = store.next_entry({}, cursor, key, value)) {
        (void)store.get(key, buffer);
    }
    for (int i = 0; i < 40; ++i) {
        (void)store.append_log(ByteView(buffer).first(700));
        (void)store.append_note(ByteView(buffer).first(20));
        (void)store.put(ByteView(buffer).first(1 + static_cast<std::size_t>(i % 7)),
                        ByteView(buffer).first(500));
        (void)store.sync();
        (void)store.release_log(store.next_log_index() - 1);
    }
    (void)store.erase(ByteView(buffer).first(1));
    (void)store.sync();
}

}  // namespace
}  // namespace firmware::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    using namespace firmware::storage;  // NOLINT(google-build-using-namespace)
    static LogStoreMemory<8, 16, 8192> memory;
    // The last byte is read by nobody else's rule: it may as well choose.
    const bool fewest = size != 0 && input[size - 1] % 2 == 1;
    ImageFlash flash(geometries[fewest ? 1 : 0]);
    ImageMaker(flash, ByteView(input, size)).run();

    (void)LogStore::is_unformatted(flash);
    LogStore store(flash, memory.spans());
    CountingVisitor visitor;
    if (store.mount(visitor)) {
        use(store);
        (void)store.mount(visitor);
    }
    return 0;
}
