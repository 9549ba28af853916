#include "hsm/base/byte_reader.h"
#include "tests/fuzz/module/story.h"
#include "tests/hostile/matrix/cbor_damage.h"

// A whole module, with its store on flash, against a server that sends in any order what it has,
// what it has changed, parts of one thing in another, or bytes; restarts it, lets time pass and
// cuts its power. The input is a list of such steps; what must hold is in story.h.
namespace {

using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::protocol::Role;
using tests::hostile::items_of;
using tests::support::Bytes;

constexpr int steps_max = 12;
constexpr int restarts_max = 2;

class Script {
public:
    explicit Script(ByteView input) : reader_(input) {}

    void run() {
        for (int step = 0; step < steps_max && next(); ++step) {
        }
    }

private:
    bool next() {
        const auto kind = reader_.u8();
        if (!kind) {
            return false;
        }
        switch (*kind % 8) {
            case 0:
            case 1:
                return send_as_it_is().has_value();
            case 2:
                return send_changed().has_value();
            case 3:
            case 4:
                return send_mixed().has_value();
            case 5:
                return send_bytes().has_value();
            case 6:
                return pass_time().has_value();
            default:
                return cut_or_restart().has_value();
        }
    }

    Result<const Bytes*> some_request() {
        TRY_ASSIGN(const auto number, reader_.u8());
        return &story_.requests()[number % story_.requests().size()];
    }

    Result<Role> some_role() {
        constexpr Role roles[] = {Role::server, Role::server, Role::operating, Role::auditor};
        TRY_ASSIGN(const auto number, reader_.u8());
        return roles[number % 4];
    }

    Result<void> send_as_it_is() {
        TRY_ASSIGN(const auto* request, some_request());
        TRY_ASSIGN(const auto role, some_role());
        story_.send(*request, role);
        return {};
    }

    Result<void> send_changed() {
        TRY_ASSIGN(const auto* request, some_request());
        TRY_ASSIGN(const auto place, reader_.u16());
        TRY_ASSIGN(const auto bits, reader_.u8());
        auto changed = *request;
        changed[place % changed.size()] = static_cast<Byte>(changed[place % changed.size()] ^ bits);
        story_.send(changed, Role::server);
        return {};
    }

    // One request with an item of another in the place of one of its own.
    Result<void> send_mixed() {
        TRY_ASSIGN(const auto* request, some_request());
        TRY_ASSIGN(const auto* donor, some_request());
        TRY_ASSIGN(const auto to, reader_.u8());
        TRY_ASSIGN(const auto from, reader_.u8());
        const auto items = items_of(*request);
        const auto donated = items_of(*donor);
        const auto& item = donated[from % donated.size()];
        const auto part = ByteView(*donor).subspan(item.offset, item.end - item.offset);
        story_.send(tests::hostile::replaced(*request, items[to % items.size()], part),
                    Role::server);
        return {};
    }

    Result<void> send_bytes() {
        TRY_ASSIGN(const auto role, some_role());
        TRY_ASSIGN(const auto size, reader_.u8());
        TRY_ASSIGN(const auto bytes,
                   reader_.take(std::min<std::size_t>(size, reader_.remaining())));
        story_.send(bytes, role);
        return {};
    }

    Result<void> pass_time() {
        TRY_ASSIGN(const auto power, reader_.u8());
        story_.let_pass(std::uint64_t{1} << (power % 32));
        return {};
    }

    // A start costs more than all the rest.
    Result<void> cut_or_restart() {
        TRY_ASSIGN(const auto operations, reader_.u8());
        TRY_ASSIGN(const auto how, reader_.u8());
        if (++restarts_ > restarts_max) {
            return hsm::Status::busy;
        }
        if (how == 0xff) {
            story_.restart();
            return {};
        }
        using tests::support::all_tears;
        story_.cut_after(operations, all_tears[how % std::size(all_tears)], how);
        return {};
    }

    hsm::base::ByteReader reader_;
    fuzz::Story story_;
    int restarts_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    Script(ByteView(input, size)).run();
    return 0;
}
