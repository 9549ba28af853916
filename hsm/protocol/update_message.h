#pragma once

#include "hsm/protocol/codec.h"
#include "hsm/protocol/command.h"
#include "hsm/protocol/firmware_image.h"

// How a module takes a new release of its firmware: PROTOCOL.md "Firmware update".
namespace hsm::protocol {

constexpr std::size_t update_chunk_size_max = 6144;
// All chunks but the last are multiples of this.
constexpr std::size_t update_chunk_unit = 32;

struct UpdateBeginRequest {
    static constexpr auto command = Command::update_begin;
    FirmwareHead head{};    // the release's header and the maker's signature
    Assertions assertions;  // of officers_needed officers; none before provisioning
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateBeginRequest::head, firmware_head_size>{},
                   Field<2,
                         &UpdateBeginRequest::assertions,
                         assertion_size_max,
                         0,
                         assertions_total_size_max>{},
                   Field<3, &UpdateBeginRequest::host_time, UINT64_MAX>{});
};
struct UpdateBeginResponse {
    std::uint8_t variant = 0;  // which of the release's images the module wants
    std::uint32_t size = 0;    // its bytes
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateBeginResponse::variant, firmware_variants_max - 1>{},
                   Field<2, &UpdateBeginResponse::size, firmware_body_size_max, 1>{});
};

struct UpdateWriteRequest {
    static constexpr auto command = Command::update_write;
    std::uint32_t offset = 0;
    ByteView chunk;
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateWriteRequest::offset, firmware_body_size_max>{},
                   Field<2, &UpdateWriteRequest::chunk, update_chunk_size_max, 1>{});
};
struct UpdateWriteResponse {
    std::uint32_t written = 0;  // bytes of the image that are there: the next offset
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateWriteResponse::written, firmware_body_size_max>{});
};

struct UpdateFinishRequest {
    static constexpr auto command = Command::update_finish;
    std::uint64_t host_time = 0;
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateFinishRequest::host_time, UINT64_MAX>{});
};
using UpdateFinishResponse = Empty;

enum class UpdateStage : std::uint8_t {
    none = 0,      // nothing but what runs
    written = 1,   // begun; bytes come
    pending = 2,   // finished: the next start tries it
    on_trial = 3,  // what runs has not confirmed itself: that comes with unlock
};
struct UpdateStateRequest {
    static constexpr auto command = Command::update_state;
    static constexpr auto fields = std::tuple();
};
struct UpdateStateResponse {
    std::string_view board;
    Digest firmware_hash{};  // of what runs
    std::uint32_t version = 0;
    std::uint32_t security_version = 0;
    std::uint32_t security_floor = 0;
    UpdateStage stage = UpdateStage::none;
    Digest next_hash{};         // of what comes; 0…0 for none
    std::uint32_t written = 0;  // bytes of it
    static constexpr auto fields =
        std::tuple(Field<1, &UpdateStateResponse::board, firmware_board_size, 1>{},
                   Field<2, &UpdateStateResponse::firmware_hash, 32>{},
                   Field<3, &UpdateStateResponse::version, UINT32_MAX, 1>{},
                   Field<4, &UpdateStateResponse::security_version, UINT32_MAX, 1>{},
                   Field<5, &UpdateStateResponse::security_floor, UINT32_MAX>{},
                   Field<6, &UpdateStateResponse::stage, 3>{},
                   Field<7, &UpdateStateResponse::next_hash, 32>{},
                   Field<8, &UpdateStateResponse::written, firmware_body_size_max>{});
};

}  // namespace hsm::protocol
