#pragma once

#include "board/host/config.h"
#include "board/host/descriptor.h"

namespace board::host {

// The unix socket, open from its first moment to nobody but whom the settings name, and removed
// again with its object.
class Listener {
public:
    // A socket file left by a dead process is replaced; one that somebody answers is an error.
    static Setup<Listener> open(const Config& config);

    Listener(Listener&&) noexcept = default;
    Listener& operator=(Listener&&) noexcept = default;
    ~Listener();

    int descriptor() const { return socket_.get(); }

    // A new connection, not blocking; none when nobody waits.
    Descriptor accept() const;

private:
    Listener(Descriptor socket, std::filesystem::path path, ino_t inode)
        : socket_(std::move(socket)), path_(std::move(path)), inode_(inode) {}

    Descriptor socket_;
    std::filesystem::path path_;
    ino_t inode_ = 0;  // of our own file: after a replacement another's must stay
};

}  // namespace board::host
