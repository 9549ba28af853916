#include "tests/hostile/matrix/wire_module.h"

#include <gtest/gtest.h>

namespace tests::hostile {
namespace {

namespace wire = hsm::protocol;
using support::Bytes;

bool fits_a_frame(hsm::ByteView request) {
    return !request.empty() && request.size() <= wire::message_size_max;
}

Bytes framed(hsm::ByteView request) {
    CHECK(request.size() <= 0xffff);
    Bytes stream{static_cast<hsm::Byte>(request.size() >> 8),
                 static_cast<hsm::Byte>(request.size())};
    stream.insert(stream.end(), request.begin(), request.end());
    return stream;
}

Bytes refusal(hsm::Status status) {
    Bytes buffer(64);
    const auto message = wire::encode_refusal(0, status, buffer);
    CHECK(message.has_value());
    return support::copy_of(*message);
}

}  // namespace

WireModule::WireModule(support::ModuleProcess& process, Role role)
    : connect_([&process, role] { return process.connect(role); }),
      stop_([&process] { EXPECT_EQ(0, process.stop()); }),
      start_([&process] { process.start(); }),
      store_(process.store()) {}

WireModule::WireModule(support::QemuModule& board, Role role)
    : connect_([&board, role] { return board.connect(role); }),
      stop_([&board] { board.kill(); }),
      start_([&board] {
          board.start();
          board.unlock();
      }),
      store_(board.flash()) {}

std::optional<Bytes> WireModule::exchange(hsm::ByteView request) {
    const auto deadline = hsm::client::after(std::chrono::seconds(60));
    if (!session_->write(framed(request))) {
        return std::nullopt;
    }
    auto flushed = session_->flush();
    while (flushed && !*flushed) {
        flushed = session_->flush();
    }
    // A module that hangs up in the middle of a message may have answered nothing else.
    const auto answer = session_->receive(deadline);
    return answer ? std::optional<Bytes>(support::copy_of(*answer)) : std::nullopt;
}

Bytes WireModule::send(hsm::ByteView request) {
    if (!session_) {
        session_.emplace(connect_());
    }
    const auto answer = exchange(request);
    if (answer) {
        return *answer;
    }
    session_.reset();
    return fits_a_frame(request) ? Bytes() : refusal(hsm::Status::malformed);
}

support::Target WireModule::as_target() {
    return [this](hsm::ByteView request) { return send(request); };
}

HostileModule WireModule::as_hostile() {
    return {as_target(),
            [this] {
                session_.reset();
                stop_();
            },
            start_,
            store_};
}

}  // namespace tests::hostile
