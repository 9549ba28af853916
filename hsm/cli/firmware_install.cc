#include "hsm/cli/firmware_install.h"

#include "hsm/client/reply.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"

namespace hsm::cli {
namespace {

using client::Reply;

template <class Request>
Result<Reply<protocol::ResponseOf<Request>>> call(const AskModule& ask, const Request& request) {
    std::array<Byte, protocol::message_size_max> buffer;
    TRY_ASSIGN(const auto message, protocol::encode_request(1, request, buffer));
    TRY_ASSIGN(auto answer, ask(message));
    return Reply<protocol::ResponseOf<Request>>::from(std::move(answer));
}

Result<void> send_image(const AskModule& ask, ByteView image) {
    static_assert(protocol::update_chunk_size_max % protocol::update_chunk_unit == 0);
    for (std::size_t done = 0; done < image.size();) {
        const auto chunk =
            image.subspan(done, std::min(protocol::update_chunk_size_max, image.size() - done));
        TRY_ASSIGN(
            const auto written,
            call(ask, protocol::UpdateWriteRequest{static_cast<std::uint32_t>(done), chunk}));
        done += chunk.size();
        if (written->written != done) {
            return Status::response_wrong;
        }
    }
    return {};
}

}  // namespace

Result<Bytes> update_statement(ByteView configuration, const FirmwarePackage& package) {
    const auto group = protocol::decode_tagged<protocol::GroupConfiguration>(configuration);
    if (!group) {
        return Status::configuration_wrong;
    }
    const protocol::UpdateStatement statement{group->group_id,
                                              package.firmware_hash(),
                                              package.header.version,
                                              package.header.security_version};
    std::array<Byte, protocol::tagged_size_max<protocol::UpdateStatement>()> buffer;
    TRY_ASSIGN(const auto encoded, protocol::encode_tagged(statement, buffer));
    return Bytes(encoded.begin(), encoded.end());
}

Result<void> install_release(const AskModule& ask,
                             const FirmwarePackage& package,
                             const protocol::Assertions& approvals,
                             std::uint64_t host_time) {
    protocol::UpdateBeginRequest begin;
    begin.head = package.head;
    begin.assertions = approvals;
    begin.host_time = host_time;
    TRY_ASSIGN(const auto wanted, call(ask, begin));
    if (wanted->variant >= package.images.size() ||
        wanted->size != package.images[wanted->variant].size()) {
        return Status::response_wrong;
    }
    TRY(send_image(ask, package.images[wanted->variant]));
    TRY(call(ask, protocol::UpdateFinishRequest{host_time}));
    return {};
}

}  // namespace hsm::cli
