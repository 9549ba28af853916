#include "hsm/softphone/phone_store.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

namespace hsm::softphone {
namespace {

namespace fs = std::filesystem;

constexpr off_t file_size_max = 64 << 20;

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    int value() const { return value_; }

private:
    int value_;
};

Problem failed(const fs::path& path, std::string_view what) {
    return {ProblemKind::store,
            path.string() + ": " + std::string(what) + ": " + std::strerror(errno)};
}

// Held until the descriptor is closed; by the kernel's word, so a crash leaves none behind.
int lock_beside(const fs::path& path) {
    const auto lock_path = path.string() + ".lock";
    const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        return -1;
    }
    int taken = 0;
    do {
        taken = ::flock(lock, LOCK_EX);
    } while (taken != 0 && errno == EINTR);
    return lock;
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    return true;
}

enum class Existing { replaced, kept };

Outcome<void> write_file(const fs::path& path, std::string_view text, Existing existing) {
    const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    // One name is enough under the lock, and a crash leaves at most one such file.
    const auto temporary = path.string() + ".new";
    {
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (file.value() < 0) {
            return failed(path, "cannot write into its folder");
        }
        if (!write_all(file.value(), text) || ::fsync(file.value()) != 0) {
            const auto problem = failed(path, "cannot be written");
            ::unlink(temporary.c_str());
            return problem;
        }
    }
    // link() does not replace what is there.
    const int placed = existing == Existing::replaced ? ::rename(temporary.c_str(), path.c_str())
                                                      : ::link(temporary.c_str(), path.c_str());
    if (placed != 0) {
        const auto problem = failed(path, "cannot be put in place");
        ::unlink(temporary.c_str());
        return problem;
    }
    if (existing == Existing::kept) {
        ::unlink(temporary.c_str());
    }
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.value() < 0 || ::fsync(directory.value()) != 0) {
        return failed(path, "cannot be made durable");
    }
    return {};
}

Outcome<std::string> read_file(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (file.value() < 0 || ::fstat(file.value(), &status) != 0) {
        return failed(path, "cannot be opened");
    }
    if (!S_ISREG(status.st_mode) || status.st_size > file_size_max) {
        return Problem{ProblemKind::store, path.string() + ": is not a phone's file"};
    }
    if ((status.st_mode & 077) != 0) {
        return Problem{ProblemKind::store,
                       path.string() +
                           ": holds a private key and is open to other users: chmod "
                           "600 it, and enrol anew if somebody may have read it"};
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto got = ::read(file.value(), text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return failed(path, "cannot be read");
        }
        have += static_cast<std::size_t>(got);
    }
    return text;
}

Outcome<PhoneState> load(const fs::path& path) {
    TRY_ASSIGN(auto text, read_file(path));
    auto state = read_state(text);
    if (!state) {
        return Problem{ProblemKind::store,
                       path.string() + ": is not a phone's file: " + state.error().text};
    }
    return state;
}

}  // namespace

PhoneStore::PhoneStore(fs::path path, PhoneState state, Passkey passkey)
    : path_(std::move(path)), state_(std::move(state)), passkey_(std::move(passkey)) {}

Outcome<PhoneStore> PhoneStore::create(const fs::path& path, const NewPhone& phone) {
    if (phone.rp_id.empty() || phone.rp_id.size() > protocol::rp_id_size_max ||
        phone.origin.empty() || phone.origin.size() > protocol::origin_size_max) {
        return Problem{ProblemKind::input, "a phone needs an rpId and an origin"};
    }
    if (path.has_parent_path()) {
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error) {
            return Problem{ProblemKind::store,
                           path.parent_path().string() + ": " + error.message()};
        }
    }
    auto passkey = Passkey::generate();
    PhoneState state;
    state.role = phone.role;
    state.name = phone.name;
    state.rp_id = phone.rp_id;
    state.origin = phone.origin;
    state.private_key = passkey.to_pem();
    state.webauthn_id.resize(32);
    CHECK(RAND_bytes(state.webauthn_id.data(), static_cast<int>(state.webauthn_id.size())) == 1);
    state.backup_eligible = phone.backup == Backup::synced;
    const Descriptor lock(lock_beside(path));
    if (lock.value() < 0) {
        return failed(path, "cannot be locked");
    }
    TRY(write_file(path, write_state(state), Existing::kept));
    return PhoneStore(path, std::move(state), std::move(passkey));
}

Outcome<PhoneStore> PhoneStore::open(const fs::path& path) {
    TRY_ASSIGN(auto state, load(path));
    auto passkey = Passkey::from_pem(state.private_key);
    if (!passkey) {
        return Problem{ProblemKind::store, path.string() + ": " + passkey.error().text};
    }
    return PhoneStore(path, std::move(state), *std::move(passkey));
}

Backup PhoneStore::backup() const {
    return state_.backup_eligible ? Backup::synced : Backup::single_device;
}

Outcome<void> PhoneStore::update(const std::function<void(PhoneState&)>& change) {
    const Descriptor lock(lock_beside(path_));
    if (lock.value() < 0) {
        return failed(path_, "cannot be locked");
    }
    TRY_ASSIGN(auto state, load(path_));
    if (state.private_key != state_.private_key) {
        return Problem{ProblemKind::store,
                       path_.string() + ": has just become another phone: start again"};
    }
    change(state);
    TRY(write_file(path_, write_state(state), Existing::replaced));
    state_ = std::move(state);
    return {};
}

Outcome<void> PhoneStore::set_session(const ServerLink& server) {
    constexpr std::string_view bearer_characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";  // RFC 6750 §2.1
    if (server.session.empty() ||
        server.session.find_first_not_of(bearer_characters) != std::string::npos) {
        return Problem{ProblemKind::input, "the device session is not a bearer token"};
    }
    return update([&](PhoneState& state) { state.server = server; });
}

Outcome<OwnedAssertion> PhoneStore::assert_challenge(
    const Digest& challenge, const std::function<void(PhoneState&)>& change) {
    TRY(update([&](PhoneState& state) {
        ++state.sign_count;
        if (change) {
            change(state);
        }
    }));
    return passkey_.make_assertion(
        challenge, {state_.rp_id, state_.origin, assertion_flags(backup()), state_.sign_count});
}

Outcome<protocol::Point> create_store(const fs::path& path, const NewPhone& phone) {
    TRY_ASSIGN(auto store, PhoneStore::create(path, phone));
    return store.passkey().point();
}

}  // namespace hsm::softphone
