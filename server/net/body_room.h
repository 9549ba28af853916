#pragma once

#include <cstddef>
#include <utility>

namespace server::net {

// Most bodies are small; for the others there are so many bytes for all connections together, since
// a limit for each would be none. I/O thread only.
class BodyRoom {
public:
    static constexpr std::size_t small = 1024 * 1024;  // a body that needs no place

    explicit BodyRoom(std::size_t bytes) : left_(bytes) {}
    BodyRoom(const BodyRoom&) = delete;
    BodyRoom& operator=(const BodyRoom&) = delete;

    // Bytes that are given back at its end; none at first.
    class Place {
    public:
        Place() = default;
        Place(Place&& other) noexcept
            : room_(std::exchange(other.room_, nullptr)), bytes_(other.bytes_) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(room_, other.room_);
            std::swap(bytes_, other.bytes_);
            return *this;
        }
        ~Place() {
            if (room_ != nullptr) {
                room_->left_ += bytes_;
            }
        }

    private:
        friend class BodyRoom;
        Place(BodyRoom& room, std::size_t bytes) : room_(&room), bytes_(bytes) {}

        BodyRoom* room_ = nullptr;
        std::size_t bytes_ = 0;
    };

    // False, with `place` as it was, when there is not so much left.
    [[nodiscard]] bool take(std::size_t bytes, Place& place) {
        if (bytes > left_) {
            return false;
        }
        left_ -= bytes;
        place = Place(*this, bytes);
        return true;
    }

private:
    std::size_t left_;
};

}  // namespace server::net
