#include "hsm/client/psk.h"

#include <fcntl.h>
#include <unistd.h>

namespace hsm::client {

Result<Psk> load_psk(const std::filesystem::path& file) {
    Psk psk;
    psk.identity = file.stem().string();
    if (file.extension() != ".psk" || !protocol::is_identity(psk.identity)) {
        return Status::malformed;
    }
    // By hand, so that no stream buffer keeps a copy of the key.
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return Status::io_failed;
    }
    Secret<protocol::psk_file_size_max> text;
    const auto size = ::read(descriptor, text.storage().data(), text.storage().size());
    ::close(descriptor);
    if (size < 0) {
        return Status::io_failed;
    }
    text.resize(static_cast<std::size_t>(size));
    TRY_ASSIGN(auto parsed, protocol::parse_psk_file(text_of(text.reveal())));
    psk.role = parsed.role;
    psk.secret = std::move(parsed.secret);
    return psk;
}

}  // namespace hsm::client
